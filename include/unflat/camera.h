// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

/// Pinhole camera without distortion. Camera frame: x right, y down, z forward. Pixel (x, y) is the
/// square [x, x+1] x [y, y+1]; its centre is at (x + 0.5, y + 0.5).
struct Camera {
    cv::Size size;    ///< width and height of the picture [pixels]
    float focal = 1;  ///< focal length [pixels]
    float cx = 0;     ///< principal point, from the left border of the picture [pixels]
    float cy = 0;     ///< principal point, from the top border of the picture [pixels]

    /// The point of the camera frame that is seen at continuous position (u, v) at depth z.
    cv::Vec3f unproject(float u, float v, float z) const {
        return {(u - cx) * z / focal, (v - cy) * z / focal, z};
    }

    /// Where a point of the camera frame with z > 0 is seen [pixels].
    cv::Point2f project(const cv::Vec3f& p) const {
        return {focal * p[0] / p[2] + cx, focal * p[1] / p[2] + cy};
    }
};

/// The camera of a picture about which nothing is known: principal point at the centre, focal
/// length = the long side (53.13 degrees across it).
Camera default_camera(cv::Size size);

/// The same camera for the picture resized to `size`; the focal length scales with the long side.
Camera resized_camera(const Camera& camera, cv::Size size);

/// Where a camera stands relative to the photo's camera. R = R_y(yaw) R_x(pitch) R_z(roll), angles
/// in degrees, right-handed about those axes; p_camera = R^T (p_photo - position).
/// yaw > 0 looks right, pitch > 0 looks up, roll > 0 turns the camera clockwise.
struct Pose {
    cv::Vec3f position{0, 0, 0};  ///< in the photo's camera frame [scene units]
    float yaw = 0;                ///< [degrees]
    float pitch = 0;              ///< [degrees]
    float roll = 0;               ///< [degrees]
};

/// R of a pose: turns directions of the posed camera into the photo's camera frame.
cv::Matx33f photo_from_camera(const Pose& pose);

/// One view of a scene: a pose and the lens used there.
struct View {
    Pose pose;
    Camera camera;
};

/// Where a point of the photo's camera frame is seen in `view` [pixels]; nothing if it is not in
/// front of the camera.
std::optional<cv::Point2f> project(const View& view, const cv::Vec3f& p_photo);

/// The frames of a video.
struct CameraPath {
    std::string name;         ///< used in file names and messages
    float fps = 40;           ///< frames per second
    std::vector<View> views;  ///< one per frame
};

/// What a preset path needs to know of the scene.
struct PathOptions {
    float motion = 1;       ///< factor on all shifts
    float unit = 1;         ///< scene units in which the shifts are given: 1 for relative depth,
                            ///< 3 z_near for true depth (z_near: 1st percentile of z)
    float focus_depth = 1;  ///< depth that keeps its size in a dolly zoom [scene units]
    bool loop = true;       ///< first and last frame join; false: one way, as the authors' videos
    float fps = 40;         ///< frames per second
    int frame_count = 240;  ///< frames of the video
};

/// Names of the preset paths: dolly-zoom, zoom-in, circle, swing.
const std::vector<std::string>& preset_path_names();

/// Makes a preset path for a photo taken with `camera`; formulas in docs/conventions.md.
/// @throws Error{InvalidInput} if the name is unknown or an option is out of range.
CameraPath make_path(std::string_view name, const Camera& camera, const PathOptions& options = {});

/// A key frame of a path that a person wrote.
struct PathKey {
    float t = 0;               ///< [seconds], increasing from key to key
    Pose pose;                 ///< position [scene units], rotation [degrees]
    std::optional<float> fov;  ///< of the long side [degrees]; the photo's own if not given
};

/// Key frames and how to play them; what a path file holds.
struct KeyedPath {
    float fps = 40;                    ///< frames per second
    bool loop = false;                 ///< the last key leads back to the first
    std::optional<cv::Point2f> focus;  ///< a point of the photo that keeps its size [pixels]
    std::vector<PathKey> keys;         ///< at least one
};

/// Samples key frames at their frame rate by Catmull-Rom interpolation.
/// `focus_depth`, if given, makes the focal length follow the camera's z so that things at that
/// depth keep their size (used when the path has a focus and its keys have no fov).
/// @throws Error{InvalidInput} if keys are missing, not finite or not in order of time.
CameraPath sample_path(const KeyedPath& path, std::string name, const Camera& camera,
                       std::optional<float> focus_depth = {});

}  // namespace unflat
