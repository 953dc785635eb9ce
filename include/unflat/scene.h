// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/camera.h"
#include "unflat/depth.h"
#include "unflat/inpaint.h"
#include "unflat/ldi.h"
#include "unflat/mesh.h"
#include "unflat/photo.h"
#include "unflat/progress.h"

#include <optional>
#include <string>
#include <vector>

namespace unflat {

/// How the camera will move; decides how much of what is hidden must be invented.
struct MotionOptions {
    std::vector<std::string> paths = preset_path_names();  ///< preset paths
    std::vector<KeyedPath> keyed_paths;                    ///< paths from files, after the presets
    std::vector<Pose> poses;                               ///< single views; never scaled
    float motion = 1;                                      ///< factor on the shifts of preset paths
    std::optional<cv::Point2f> focus;  ///< point of the photo that a dolly zoom keeps in size
                                       ///< [pixels of the photo given to build_scene]; its centre
    bool loop = true;
    float fps = 40;
    int frame_count = 240;
};

struct SceneOptions {
    PrepareDepthOptions depth;
    DepthEdgeOptions edges;
    RimOptions rims;
    InpaintOptions inpaint;  ///< `views` are filled in from `motion`
    MeshOptions mesh;        ///< `motion` is filled in from `motion`
    MotionOptions motion;
    Fill fill = Fill::Patch;
};

/// A 3D photo with all that was made on the way.
struct Scene {
    Photo photo;
    DisparityMap disparity;
    DepthEdges edges;
    Ldi ldi;
    Mesh mesh;
    std::vector<CameraPath> paths;  ///< presets, then keyed paths, in the order asked for
    std::vector<View> poses;        ///< single views asked for
};

/// All stages in one call: prepare the depth, find its edges, lift, inpaint, build the mesh.
/// @param inpainter fills hidden parts; null: the one that options.fill names.
/// @throws what the stages throw.
Scene build_scene(Photo photo, const DepthMap& depth, const SceneOptions& options = {},
                  const Inpainter* inpainter = nullptr, Progress* progress = nullptr);

/// The paths and views that a motion asks for in a scene of this depth.
struct Motion {
    std::vector<CameraPath> paths;
    std::vector<View> poses;
    float largest_shift = 0;          ///< farthest position from the photo's camera [scene units]
    std::vector<View> views() const;  ///< all of them, thinned out to what bounds the motion
};
Motion plan_motion(const Camera& camera, const DisparityMap& disparity,
                   const MotionOptions& options);

}  // namespace unflat
