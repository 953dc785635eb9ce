// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/asset.h"
#include "unflat/camera.h"
#include "unflat/depth.h"
#include "unflat/ldi.h"
#include "unflat/mesh.h"
#include "unflat/network.h"
#include "unflat/photo.h"
#include "unflat/progress.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <opencv2/core.hpp>

namespace unflat {

// ---- Photos

/// Conventions under which files store depth as other numbers v. All give true z.
enum class DepthCode : std::uint8_t {
    Millimetres,     ///< v/1000 metres, 0 is unknown: RealSense, Azure Kinect, Redwood, ARCore
    Tum,             ///< v/5000 metres, 0 is unknown: TUM RGB-D
    Kitti,           ///< v/256 metres, 0 is unknown: KITTI, ZoeDepth
    Kinect,          ///< raw numbers of 11 bits, 351.3/(1092.5 - v) metres: NYU, either byte order
    Sun3d,           ///< bits rotated by 3, then millimetres: SUN3D
    Depth16,         ///< Android: 13 bits of millimetres, 3 of confidence
    RangeInverse,    ///< far near/(far - v (far - near)), v in 0..1: GDepth, dark is near
    RangeLinear,     ///< near + v (far - near): GDepth, dark is near
    UniformInverse,  ///< 1/(v (1/near - 1/far) + 1/far): HEVC, Light; bright is near
};

/// The ends of a range that codes span; 0 < near < far, far may be infinite.
struct DepthRange {
    double near = 0;  ///< [scene units]
    double far = 0;   ///< [scene units]
};

/// How to read depth. Nothing given: what the file declares, else relative disparity.
struct ReadDepthOptions {
    std::optional<DepthKind> kind;    ///< the numbers stored are of this kind
    std::optional<double> invalid;    ///< the number stored in the file that means "unknown"
    std::optional<DepthCode> code;    ///< the numbers stored are coded so; overrides `kind`
    std::optional<DepthRange> range;  ///< for codes that span one; overrides the file's
};

struct ReadPhotoOptions {
    std::optional<float>
        focal;  ///< focal length [pixels of the upright photo]; overrides the file's
    bool embedded_depth = true;   ///< give the depth that the file carries
    ReadDepthOptions depth = {};  ///< overrides what the file says of it
};

/// Reads a photo: JPEG (also CMYK), PNG, WebP, TIFF, HEIC or AVIF, recognised by content. Turned
/// upright by its EXIF orientation, converted to sRGB by its ICC profile, alpha dropped (with a
/// warning where pixels are transparent). Up to 200 megapixels and 32767 pixels on a side.
/// Depth inside the file is read as docs/embedded-depth.md says: GDepth, Dynamic Depth, Apple's in
/// JPEG and HEIC, depth images of HEIC and AVIF; what of it cannot be used is a warning. Where the
/// file holds the sharp original of a blurred portrait, that is the photo. Of a stereo pair in
/// HEIC it is the left picture.
/// Focal length: given > the camera model beside the depth > EXIF > the long side. EXIF's 35 mm
/// equivalent compares diagonals. The principal point is the centre unless the file says otherwise.
/// @throws Error{Unreadable} naming the file, what was found and what is accepted.
Photo read_photo(const std::filesystem::path& file, const ReadPhotoOptions& options = {},
                 Progress* progress = nullptr);

/// The same for the bytes of a file; `name` is used in messages only.
Photo decode_photo(std::span<const std::byte> bytes, const std::string& name,
                   const ReadPhotoOptions& options = {}, Progress* progress = nullptr);

/// What a file says of the depth that it carries.
struct EmbeddedDepthInfo {
    std::string format;      ///< such as "GDepth"
    std::string convention;  ///< in words, all of it
    DepthKind kind = DepthKind::Disparity;
    cv::Size size;                    ///< as stored [pixels]
    std::optional<DepthRange> range;  ///< [unit]
    std::string unit;                 ///< of the range: "m", "mm", or empty: not said
    bool is_metric = false;           ///< scene units are metres
    bool has_confidence = false;      ///< says where it is unknown
};

/// What a file says of itself, without decoding all of it.
struct FileInfo {
    std::string format;          ///< such as "JPEG"
    cv::Size stored_size;        ///< before turning upright [pixels]
    int orientation = 1;         ///< EXIF orientation, 1..8
    int channel_count = 0;       ///< as stored
    int bit_depth = 0;           ///< per channel, as stored
    bool has_profile = false;    ///< carries an ICC profile
    std::optional<float> focal;  ///< [pixels of the upright photo]
    FocalSource focal_source = FocalSource::Assumed;
    std::optional<cv::Point2f> principal_point;  ///< [pixels of the upright photo], where it says
    std::optional<EmbeddedDepthInfo> depth;
    std::optional<cv::Size> original_size;  ///< of the sharp original inside [pixels]
    bool is_stereo_pair = false;
    std::vector<std::string> warnings;  ///< what of it cannot be used, one sentence each
};
FileInfo read_info(const std::filesystem::path& file);

// ---- Depth

/// Reads a depth file: PNG (8, 16 bit), JPEG, PGM (binary or decimal), TIFF (8, 16 bit, float),
/// PFM, NPY (floats and integers of any width, C and Fortran order, also (1, h, w) and (h, w, 1))
/// or EXR (channel Z, else Y, R or the only one), recognised by content. Only reads: nothing is
/// scaled, resized or inverted; EXIF orientation is applied as for photos. Colour pictures are
/// accepted if their channels differ by at most 8 of 255 (their mean is taken), in JPEGs by up to
/// 16 in a thousandth of the pixels, because of their colour noise. NaN, infinity, `invalid` and
/// pixels with alpha 0 become NaN, for true kinds also values <= 0. A map without any valid pixel
/// is read; the stages refuse it. Up to 200 megapixels and 32767 pixels on a side.
/// @throws Error{Unreadable} naming the file, what was found and what is accepted.
DepthMap read_depth(const std::filesystem::path& file, const ReadDepthOptions& options = {},
                    Progress* progress = nullptr);
DepthMap decode_depth(std::span<const std::byte> bytes, const std::string& name,
                      const ReadDepthOptions& options = {}, Progress* progress = nullptr);

/// Writes a depth map by the ending of the file's name: .pfm, .npy, .exr (float32) or .png (16 bit:
/// 1 + round(65534 (v - min)/(max - min)), 0 = invalid).
/// @throws Error{Unwritable}, Error{Unsupported} for another ending.
void write_depth(const cv::Mat_<float>& values, const std::filesystem::path& file);

// ---- Pictures and meshes

/// Writes a picture by the ending of the file's name: .png or .jpg.
/// @throws Error{Unwritable}, Error{Unsupported} for another ending.
void write_picture(const cv::Mat_<cv::Vec3b>& rgb, const std::filesystem::path& file,
                   int jpeg_quality = 90);

struct WriteMeshOptions {
    int texture_quality = 90;  ///< of the JPEG texture, 1..100
};

/// Writes a mesh by the ending of the file's name: .glb (unlit, one embedded JPEG texture), .ply
/// (binary, with texture coordinates, the texture beside it as NAME.jpg) or .obj (with NAME.mtl and
/// NAME.jpg). Frame of the files: x right, y up, looking along -z.
/// @return all files written.
/// @throws Error{Unwritable}, Error{Unsupported} for another ending.
std::vector<std::filesystem::path> write_mesh(const Mesh& mesh, const std::filesystem::path& file,
                                              const WriteMeshOptions& options = {});

/// What is said of an asset in its file, beside what it says itself.
struct AssetNotes {
    std::string version;                ///< of the program that made it
    std::string title;                  ///< the photo's name
    bool true_scale = false;            ///< units are those of a true depth
    float focus_depth = 0;              ///< depth that a viewer may turn about [scene units]
    std::string fill;                   ///< how hidden parts were filled
    std::vector<std::string> networks;  ///< that had a part in it
    std::vector<std::pair<std::string, std::string>> options;  ///< that were not the default
};

struct WriteAssetOptions {
    bool compress = false;  ///< by EXT_meshopt_compression; .glb only
};

/// Writes an asset by the ending of the file's name: .glb (quantised if the asset is), .usdz, .ply
/// or .obj (as write_mesh does), with its texture as it was encoded.
/// @return all files written.
/// @throws Error{Unwritable}, Error{Unsupported} for another ending, and for a WebP texture in
/// another file than a .glb.
std::vector<std::filesystem::path> write_asset(const Asset& asset,
                                               const std::filesystem::path& file,
                                               const AssetNotes& notes,
                                               const WriteAssetOptions& options = {});

/// The bytes of the .glb that write_asset() writes.
std::vector<std::byte> encode_asset(const Asset& asset, const AssetNotes& notes,
                                    const WriteAssetOptions& options = {});

/// What a .glb of an asset holds; what was chosen for it is not among it.
struct StoredAsset {
    Asset asset;
    AssetNotes notes;
};

/// Reads a .glb that write_asset wrote.
/// @throws Error{Unreadable} naming the file and what was found: also scenes of other programs.
StoredAsset read_asset(const std::filesystem::path& file);
StoredAsset decode_asset(std::span<const std::byte> bytes, const std::string& name);

/// Progressive JPEGs.
std::unique_ptr<TextureCodec> jpeg_texture_codec();

/// Lossy WebPs: smaller, several times slower to make, and for .glb and pages alone. Their chroma
/// is half as fine in any case; asked for full chroma, it is chosen with more care.
std::unique_ptr<TextureCodec> webp_texture_codec();

// ---- Pages

/// Whether this build carries the viewer, without which no page can be written.
bool has_viewer();

struct HtmlOptions {
    std::string title;           ///< name of the page and of the picture in it
    cv::Mat_<cv::Vec3b> poster;  ///< shown until the scene is; reduced to 640 px; may be empty
};

/// One page that shows a .glb, with viewer, scene and poster in it: it needs no other file and asks
/// no network. docs/viewer.md describes what it does.
/// @throws Error{Unsupported} if this build has no viewer.
std::string encode_html(std::span<const std::byte> glb, const HtmlOptions& options = {});

/// Writes such a page.
/// @throws Error{Unwritable}, Error{Unsupported} if this build has no viewer.
void write_html(std::span<const std::byte> glb, const std::filesystem::path& file,
                const HtmlOptions& options = {});

/// The page of a finished 3D photo: a page (.html) as it is, a .glb (recognised by content, not
/// looked into further) with a viewer around it. Nothing if the file is something else.
/// @throws Error{Unreadable}, Error{Unsupported} if this build has no viewer.
std::optional<std::string> read_html(const std::filesystem::path& file);

// ---- Layers and paths

/// Layered depth images as `.ldi` files (docs/ldi-format.md). What is read has no violation.
/// @throws Error{Unwritable}; Error{Unreadable} naming the file and what was found.
void write_ldi(const Ldi& ldi, const std::filesystem::path& file);
Ldi read_ldi(const std::filesystem::path& file);
Ldi decode_ldi(std::span<const std::byte> bytes, const std::string& name);

/// Reads key frames from a JSON path file (docs/cli.md): {"fps", "loop", "focus": [x, y], "keys":
/// [{"t", "position": [x, y, z], "rotation": [yaw, pitch, roll], "fov"}]}. Only "keys" and every
/// "t" must be there; entries of other names are refused.
/// @throws Error{Unreadable} naming the file, what was found and what is accepted.
KeyedPath read_path(const std::filesystem::path& file);
KeyedPath decode_path(std::span<const std::byte> bytes, const std::string& name);

// ---- Networks

/// Reads a folder that holds a network: card.json and model.onnx (docs/models.md). The model is
/// only read, not looked into.
/// @throws Error{Unreadable} naming the file and what was found: also a card of another format or
/// with entries that are not known, and a model that is not the one its card names.
Network read_network(const std::filesystem::path& folder);

/// The card alone; of a folder, or the bytes of a file.
NetworkCard read_network_card(const std::filesystem::path& folder);
NetworkCard decode_network_card(std::span<const std::byte> bytes, const std::string& name);

/// Folders inside `folder` that hold a card, by name; none if there is no such folder.
std::vector<std::filesystem::path> find_networks(const std::filesystem::path& folder);

// ---- Video

struct VideoOptions {
    int crf = 18;  ///< quality of H.264, 0 (lossless) .. 51
};

/// Writes an .mp4: H.264, yuv420p, BT.709 tags, faststart, the same bytes on every run. An odd side
/// loses its last row or column. The file appears when finish() has returned, or not at all.
/// The codecs are loaded when the first writer is made.
/// @throws Error{Unwritable}, Error{Unsupported} if there are no codecs on this machine.
class VideoWriter {
public:
    VideoWriter(const std::filesystem::path& file, cv::Size size, float fps,
                const VideoOptions& options = {});
    ~VideoWriter();  ///< without finish(): removes what was written
    VideoWriter(VideoWriter&&) noexcept;
    VideoWriter& operator=(VideoWriter&&) noexcept;

    void add(const cv::Mat_<cv::Vec3b>& rgb);
    void finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace unflat
