// SPDX-License-Identifier: MIT
#include "unflat/render.h"

#include "unflat/error.h"

#include "scenes.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <tuple>

#include <gtest/gtest.h>
#include <opencv2/core.hpp>
#include <opencv2/core/utility.hpp>

namespace unflat {
namespace {

using DepthAt = std::function<float(float u, float v)>;

/// The mesh of a photo on one surface: squares of `step` pixels, their corners on pixel corners.
Mesh surface(const Photo& photo, const DepthAt& z_at, int step = 1) {
    const cv::Size size = photo.rgb.size();
    Mesh mesh{.atlas = photo.rgb, .photo_in_atlas = {{}, size}, .camera = photo.camera};
    const int columns = (size.width + step - 1) / step, rows = (size.height + step - 1) / step;
    for (int row = 0; row <= rows; ++row)
        for (int column = 0; column <= columns; ++column) {
            const auto u = static_cast<float>(std::min(column * step, size.width));
            const auto v = static_cast<float>(std::min(row * step, size.height));
            mesh.positions.push_back(photo.camera.unproject(u, v, z_at(u, v)));
            mesh.uvs.emplace_back(u / static_cast<float>(size.width),
                                  v / static_cast<float>(size.height));
        }
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column) {
            const auto a = static_cast<std::uint32_t>(row * (columns + 1) + column);
            const auto below = static_cast<std::uint32_t>(columns + 1);
            mesh.triangles.push_back({a, a + below, a + 1});
            mesh.triangles.push_back({a + 1, a + below, a + below + 1});
        }
    return mesh;
}

DepthAt flat(float z) {
    return [z](float, float) { return z; };
}

View view_from(const Photo& photo, cv::Vec3f position) {
    return {.pose = {.position = position}, .camera = photo.camera};
}

Photo speckles(cv::Size size, unsigned seed = 1) {
    Photo photo{.rgb = cv::Mat_<cv::Vec3b>(size), .camera = default_camera(size)};
    cv::RNG random(seed);
    random.fill(photo.rgb, cv::RNG::UNIFORM, 0, 256);
    return photo;
}

/// Places one mesh in front of or behind another; both use the first one's atlas.
Mesh joined(Mesh a, const Mesh& b) {
    const auto first = static_cast<std::uint32_t>(a.positions.size());
    a.positions.insert(a.positions.end(), b.positions.begin(), b.positions.end());
    a.uvs.insert(a.uvs.end(), b.uvs.begin(), b.uvs.end());
    for (const auto& triangle : b.triangles)
        a.triangles.push_back({triangle[0] + first, triangle[1] + first, triangle[2] + first});
    return a;
}

/// One rectangle in pixels of the view at depth z, all of it read at one place of the atlas.
Mesh rectangle(const Photo& photo, cv::Rect2f box, float z, cv::Vec2f uv) {
    Mesh mesh{.atlas = photo.rgb, .camera = photo.camera};
    for (const cv::Point2f corner :
         {box.tl(), cv::Point2f(box.x, box.br().y), cv::Point2f(box.br().x, box.y), box.br()}) {
        mesh.positions.push_back(photo.camera.unproject(corner.x, corner.y, z));
        mesh.uvs.push_back(uv);
    }
    mesh.triangles = {{0, 1, 2}, {2, 1, 3}};
    return mesh;
}

double psnr(const cv::Mat_<cv::Vec3b>& a, const cv::Mat_<cv::Vec3b>& b) {
    const double norm = cv::norm(a, b, cv::NORM_L2SQR);
    return norm == 0 ? 999
                     : 10 * std::log10(255.0 * 255.0 * 3.0 * static_cast<double>(a.total()) / norm);
}

void expect_same(const cv::Mat_<cv::Vec3b>& a, const cv::Mat_<cv::Vec3b>& b) {
    ASSERT_EQ(a.size(), b.size());
    EXPECT_EQ(cv::norm(a, b, cv::NORM_INF), 0);
}

TEST(Render, OwnViewOfPixelSquaresIsThePhoto) {
    const Photo photo = speckles({130, 97});
    std::mt19937 random(7);
    std::uniform_real_distribution<float> z(0.4F, 8);
    const Mesh mesh = surface(photo, [&](float, float) { return z(random); });
    const Frame frame = Renderer(mesh).render(view_from(photo, {0, 0, 0}));
    expect_same(frame.rgb, photo.rgb);
    EXPECT_EQ(frame.empty_pixels, 0);
}

TEST(Render, OwnViewOfLargeTrianglesIsThePhoto) {
    const Photo photo = speckles({200, 150});
    const Mesh mesh = surface(
        photo, [](float u, float v) { return 1 / (0.3F + 0.004F * u + 0.002F * v); }, 37);
    const Frame frame = Renderer(mesh).render(view_from(photo, {0, 0, 0}));
    expect_same(frame.rgb, photo.rgb);
    EXPECT_EQ(frame.empty_pixels, 0);
}

TEST(Render, PlaneMovedByWholePixelsIsThePhotoMoved) {
    const Photo photo = speckles({120, 90});
    constexpr float kZ = 2;
    const float pixel = kZ / photo.camera.focal;
    const Frame frame =
        Renderer(surface(photo, flat(kZ), 8)).render(view_from(photo, {5 * pixel, -3 * pixel, 0}));
    // The camera went right and up: what it sees goes left and down
    const cv::Rect kept(5, 0, 115, 87), seen(0, 3, 115, 87);
    expect_same(frame.rgb(seen), photo.rgb(kept));
    EXPECT_EQ(frame.empty_pixels, 120 * 90 - 115 * 87);
    EXPECT_EQ(frame.rgb(0, 0), cv::Vec3b(0, 0, 0));
}

TEST(Render, PlaneMovedByHalfAPixelIsTheMeanOfNeighbours) {
    const Photo photo = speckles({64, 48});
    constexpr float kZ = 2;
    const Frame frame = Renderer(surface(photo, flat(kZ), 16))
                            .render(view_from(photo, {0.5F * kZ / photo.camera.focal, 0, 0}));
    for (int y = 0; y < 48; ++y)
        for (int x = 0; x < 63; ++x)
            for (int c = 0; c < 3; ++c) {
                const int sum = photo.rgb(y, x)[c] + photo.rgb(y, x + 1)[c];
                EXPECT_NEAR(frame.rgb(y, x)[c], sum / 2.0, 0.51);
            }
}

TEST(Render, SlightlyMovedPixelSquaresStayNearTheAnalyticWarp) {
    const Photo photo = waves({160, 120});
    constexpr float kZ = 0.5F, kShift = 0.0007F;
    const float pixels = kShift * photo.camera.focal / kZ;
    const Frame frame = Renderer(surface(photo, flat(kZ))).render(view_from(photo, {kShift, 0, 0}));
    cv::Mat_<cv::Vec3b> expected = photo.rgb.clone();
    for (int y = 0; y < expected.rows; ++y)
        for (int x = 0; x + 1 < expected.cols; ++x)
            for (int c = 0; c < 3; ++c)
                expected(y, x)[c] = cv::saturate_cast<std::uint8_t>(
                    static_cast<float>(photo.rgb(y, x)[c]) * (1 - pixels) +
                    static_cast<float>(photo.rgb(y, x + 1)[c]) * pixels);
    const cv::Rect inner(0, 0, 158, 120);
    EXPECT_GT(psnr(frame.rgb(inner), expected(inner)), 55);
}

TEST(Render, WatertightFromAnywhere) {
    const Photo photo = waves({100, 80});
    std::mt19937 random(3);
    std::uniform_real_distribution<float> z(0.9F, 1.1F), shift(-0.05F, 0.05F), angle(-4, 4);
    const Mesh mesh = surface(
        photo, [&](float, float) { return z(random); }, 3);
    const Renderer renderer(mesh);
    for (int i = 0; i < 40; ++i) {
        View view = view_from(photo, {shift(random), shift(random), shift(random)});
        view.pose.yaw = angle(random);
        view.pose.pitch = angle(random);
        view.pose.roll = 10 * angle(random);
        // Look at the middle alone, which the surface covers from everywhere
        view.camera.size = {40, 30};
        view.camera.cx = 20;
        view.camera.cy = 15;
        EXPECT_EQ(renderer.render(view).empty_pixels, 0) << "view " << i;
    }
}

TEST(Render, EdgesBelongToOneSideOnly) {
    // Two flat halves at different depths share an edge on the screen and differ in colour: every
    // pixel must be an exact mix of whole eighths, with no sample of the black background
    Photo photo{.rgb = cv::Mat_<cv::Vec3b>(1, 2), .camera = default_camera({40, 40})};
    photo.rgb(0, 0) = {240, 0, 0};
    photo.rgb(0, 1) = {0, 240, 0};
    std::mt19937 random(5);
    std::uniform_real_distribution<float> place(4, 36);
    for (int i = 0; i < 50; ++i) {
        const float top = place(random), bottom = place(random);
        Mesh mesh{.atlas = photo.rgb, .camera = photo.camera};
        const auto add = [&](float u, float v, float z, float s) {
            mesh.positions.push_back(photo.camera.unproject(u, v, z));
            mesh.uvs.emplace_back(s, 0.5F);
        };
        for (const float side : {0.0F, 1.0F}) {
            const float z = 1 + side, s = 0.25F + side / 2;
            add(top, 0, z, s);
            add(side * 40, 0, z, s);
            add(bottom, 40, z, s);
            add(side * 40, 40, z, s);
        }
        mesh.triangles = {{0, 1, 2}, {2, 1, 3}, {4, 5, 6}, {6, 5, 7}};
        const Frame frame = Renderer(mesh).render({.camera = photo.camera});
        EXPECT_EQ(frame.empty_pixels, 0);
        for (const cv::Vec3b& colour : frame.rgb) {
            EXPECT_EQ(colour[0] + colour[1], 240);
            EXPECT_EQ(colour[0] % 30, 0);
        }
    }
}

TEST(Render, NearHidesFarInAnyOrder) {
    Photo photo = waves({64, 64});
    const Mesh far_plane = surface(photo, flat(3), 16);
    const Mesh near_box = rectangle(photo, {20, 20, 10, 10}, 1, {0, 0});
    const cv::Vec3b near_colour = photo.rgb(0, 0);
    for (const Mesh& mesh : {joined(far_plane, near_box), joined(near_box, far_plane)}) {
        const Frame frame = Renderer(mesh).render(view_from(photo, {0, 0, 0}));
        cv::Mat_<cv::Vec3b> expected = photo.rgb.clone();
        expected(cv::Rect(20, 20, 10, 10)).setTo(near_colour);
        expect_same(frame.rgb, expected);
    }
}

TEST(Render, SurfacesThatCrossAreSplitWhereTheyCross) {
    const Photo photo = speckles({64, 64});
    const Mesh slanted = surface(
        photo, [](float u, float) { return 64 / (16 + u); }, 64);
    const Mesh mesh = joined(slanted, rectangle(photo, {0, 0, 64, 64}, 64 / 48.0F, {0, 0}));
    const Frame frame = Renderer(mesh).render(view_from(photo, {0, 0, 0}));
    // Equal depth at u = 32: the rectangle is nearer on the left, the slanted plane on the right
    EXPECT_EQ(frame.rgb(10, 30), photo.rgb(0, 0));
    EXPECT_EQ(frame.rgb(10, 33), photo.rgb(10, 33));
}

TEST(Render, HalfCoveredPixelIsHalfItsColour) {
    Photo photo{.rgb = cv::Mat_<cv::Vec3b>(1, 1, cv::Vec3b(200, 100, 40)),
                .camera = default_camera({8, 8})};
    const Mesh left = rectangle(photo, {2, 2, 1.5F, 2}, 1, {0.5F, 0.5F});
    const Frame frame = Renderer(left).render({.camera = photo.camera});
    EXPECT_EQ(frame.rgb(2, 2), cv::Vec3b(200, 100, 40));
    EXPECT_EQ(frame.rgb(2, 3), cv::Vec3b(100, 50, 20));
    EXPECT_EQ(frame.rgb(2, 4), cv::Vec3b(0, 0, 0));
    EXPECT_EQ(frame.empty_pixels, 64 - 2);

    const Frame on_white =
        Renderer(left, {.background = {255, 255, 255}}).render({.camera = photo.camera});
    EXPECT_EQ(on_white.rgb(2, 3), cv::Vec3b(228, 178, 148));  // (200 + 255) / 2 + rounding
    EXPECT_EQ(on_white.rgb(0, 0), cv::Vec3b(255, 255, 255));
}

TEST(Render, NothingOfAnotherSurfaceBleedsOverAnOpenEdge) {
    // Two separate halves that are neighbours in the atlas, shown apart and by half a pixel off
    Photo photo{.rgb = cv::Mat_<cv::Vec3b>(16, 16, cv::Vec3b(250, 0, 0)),
                .camera = default_camera({16, 16})};
    photo.rgb(cv::Rect(8, 0, 8, 16)).setTo(cv::Vec3b(0, 250, 0));
    Mesh left{.atlas = photo.rgb, .camera = photo.camera};
    for (const float v : {0.0F, 16.0F})
        for (const float u : {0.0F, 8.0F}) {
            left.positions.push_back(photo.camera.unproject(u, v, 1));
            left.uvs.emplace_back(u / 16, v / 16);
        }
    left.triangles = {{0, 2, 1}, {1, 2, 3}};
    const Frame frame = Renderer(left).render(view_from(photo, {-0.5F / 16, 0, 0}));
    for (const cv::Vec3b& colour : frame.rgb)
        EXPECT_EQ(colour[1], 0);
    EXPECT_EQ(frame.rgb(4, 8)[0], 125);
}

/// The last triangles of a mesh are blended from now on.
Mesh blended(Mesh mesh, std::size_t count, const std::vector<std::uint8_t>& opacity) {
    mesh.blended_triangles = count;
    mesh.opacity.assign(mesh.positions.size(), 255);
    std::copy(opacity.begin(), opacity.end(),
              mesh.opacity.end() - static_cast<int>(opacity.size()));
    return mesh;
}

TEST(Render, BlendedIsSeenThrough) {
    const Photo photo = waves({64, 64});
    const Mesh mesh =
        blended(joined(surface(photo, flat(3), 16), rectangle(photo, {20, 20, 10, 10}, 1, {0, 0})),
                2, {51, 51, 51, 51});
    const Frame frame = Renderer(mesh).render({.camera = photo.camera});
    for (int y = 18; y < 32; ++y)
        for (int x = 18; x < 32; ++x) {
            const bool inside = cv::Rect(20, 20, 10, 10).contains({x, y});
            const cv::Vec3f behind(photo.rgb(y, x)), own(photo.rgb(0, 0));
            const cv::Vec3f expected = inside ? 0.8F * behind + 0.2F * own : behind;
            EXPECT_LE(cv::norm(cv::Vec3f(frame.rgb(y, x)) - expected, cv::NORM_INF), 0.6) << x;
        }
}

TEST(Render, BlendedBehindSomethingIsHidden) {
    const Photo photo = waves({64, 64});
    const Mesh plane = surface(photo, flat(1), 16);
    const Mesh mesh =
        blended(joined(plane, rectangle(photo, {20, 20, 10, 10}, 2, {0, 0})), 2, {255, 255});
    expect_same(Renderer(mesh).render({.camera = photo.camera}).rgb, photo.rgb);
}

// Wherever a surface is divided into what is opaque and what is blended but opaque, nothing shows
TEST(Render, BlendedContinuesWhatIsOpaque) {
    const Photo photo = speckles({48, 48});
    Mesh whole = surface(photo, flat(1), 12);
    const Mesh behind = rectangle(photo, {-40, -40, 200, 200}, 2, {0, 0});
    const auto count = behind.triangles.size();
    Mesh divided = joined(whole, behind);
    // What lies behind comes first, so that the last triangles are of the surface
    std::rotate(divided.triangles.begin(), divided.triangles.end() - static_cast<int>(count),
                divided.triangles.end());
    for (const cv::Vec3f& position : {cv::Vec3f(0, 0, 0), cv::Vec3f(0.013F, -0.007F, 0.01F)}) {
        const Frame expected = Renderer(divided).render(view_from(photo, position));
        for (const std::size_t last : {1U, 7U, 16U}) {
            const Frame frame =
                Renderer(blended(divided, last, {})).render(view_from(photo, position));
            EXPECT_LE(cv::norm(frame.rgb, expected.rgb, cv::NORM_INF), 1) << last;
        }
    }
}

TEST(Render, WhatReachesBehindTheCameraIsCutOff) {
    // A floor from behind the camera to far away
    Photo photo{.rgb = cv::Mat_<cv::Vec3b>(1, 1, cv::Vec3b(10, 20, 30)),
                .camera = default_camera({60, 40})};
    Mesh floor{.atlas = photo.rgb, .camera = photo.camera};
    floor.positions = {{-500, 1, -5}, {500, 1, -5}, {-500, 1, 1e6F}, {500, 1, 1e6F}};
    floor.uvs.assign(4, {0.5F, 0.5F});
    floor.triangles = {{0, 2, 1}, {1, 2, 3}};
    const Frame frame = Renderer(floor).render({.camera = photo.camera});
    EXPECT_EQ(frame.rgb(21, 30), cv::Vec3b(10, 20, 30));
    EXPECT_EQ(frame.rgb(39, 0), cv::Vec3b(10, 20, 30));
    EXPECT_EQ(frame.rgb(19, 30), cv::Vec3b(0, 0, 0));
    EXPECT_EQ(frame.empty_pixels, 20 * 60);

    View backwards{.camera = photo.camera};
    backwards.pose.position = {0, 0, 2e6F};
    EXPECT_EQ(Renderer(floor).render(backwards).empty_pixels, 60 * 40);
}

TEST(Render, WhatIsNearIsDrawnHoweverFarTheRestIs) {
    const Photo photo = speckles({64, 48});
    const Mesh sky = rectangle(photo, {0, 0, 64, 48}, 1e4F, {16.5F / 64, 12.5F / 48});
    const Mesh near = rectangle(photo, {16, 12, 32, 24}, 1e-5F, {48.5F / 64, 36.5F / 48});
    const Mesh mesh = joined(sky, near);
    const Frame frame = Renderer(mesh).render(view_from(photo, {0, 0, 0}));
    EXPECT_EQ(frame.rgb(24, 32), photo.rgb(36, 48));
    EXPECT_EQ(frame.rgb(4, 4), photo.rgb(12, 16));
    EXPECT_EQ(frame.empty_pixels, 0);
}

TEST(Render, ReducedViewIsSmooth) {
    // A checkerboard of single pixels, seen at an eighth: grey, not a pattern
    Photo photo{.rgb = cv::Mat_<cv::Vec3b>(256, 256), .camera = default_camera({256, 256})};
    for (int y = 0; y < 256; ++y)
        for (int x = 0; x < 256; ++x)
            photo.rgb(y, x) = (x + y) % 2 == 0 ? cv::Vec3b(0, 0, 0) : cv::Vec3b(255, 255, 255);
    const Mesh mesh = surface(photo, flat(1), 32);
    const Frame frame = Renderer(mesh).render({.camera = resized_camera(photo.camera, {32, 32})});
    for (const cv::Vec3b& colour : frame.rgb)
        EXPECT_NEAR(colour[0], 128, 2);
}

TEST(Render, SameBytesForAnyNumberOfThreads) {
    const Photo photo = speckles({300, 200});
    std::mt19937 random(11);
    std::uniform_real_distribution<float> z(0.5F, 2);
    const Mesh mesh = surface(
        photo, [&](float, float) { return z(random); }, 5);
    const View view = view_from(photo, {0.02F, 0.01F, 0.03F});
    const int threads = cv::getNumThreads();
    cv::setNumThreads(1);
    const Frame alone = Renderer(mesh).render(view);
    for (const int count : {2, 7}) {
        cv::setNumThreads(count);
        const Frame together = Renderer(mesh).render(view);
        expect_same(together.rgb, alone.rgb);
        EXPECT_EQ(together.empty_pixels, alone.empty_pixels);
    }
    cv::setNumThreads(threads);
}

TEST(Render, AnySize) {
    const Photo photo = waves({32, 32});
    const Mesh mesh = surface(photo, flat(1), 8);
    const Renderer renderer(mesh);
    for (const cv::Size size :
         {cv::Size(1, 1), cv::Size(1, 5000), cv::Size(5000, 1), cv::Size(65, 63)}) {
        const Frame frame = renderer.render({.camera = default_camera(size)});
        EXPECT_EQ(frame.rgb.size(), size);
    }
    // The centre of a single pixel with a focal length of one pixel sees the middle of the plane
    EXPECT_EQ(renderer.render({.camera = default_camera({1, 1})}).empty_pixels, 0);
}

TEST(Render, RefusesWhatCannotBeDrawn) {
    const Photo photo = waves({8, 8});
    Mesh mesh = surface(photo, flat(1), 8);
    const Renderer renderer(mesh);
    EXPECT_THROW(renderer.render({}), Error);
    View view{.camera = photo.camera};
    view.camera.focal = 0;
    EXPECT_THROW(renderer.render(view), Error);
    mesh.triangles.push_back({0, 1, 99});
    EXPECT_THROW(Renderer{mesh}, Error);
}

TEST(Render, NumbersThatAreNotNumbersAreSkipped) {
    const Photo photo = waves({32, 32});
    Mesh mesh = surface(photo, flat(1), 8);
    mesh.positions[6] = cv::Vec3f::all(std::nanf(""));
    const Frame frame = Renderer(mesh).render({.camera = photo.camera});
    EXPECT_GT(frame.empty_pixels, 0);
    EXPECT_LT(frame.empty_pixels, 32 * 32 / 2);
}

TEST(Render, TextureCoordinatesOutsideOfTheAtlasAreReadInside) {
    const Photo photo = waves({32, 32});
    Mesh mesh = surface(photo, flat(1), 8);
    mesh.uvs[6] = {std::nanf(""), 0.5F};
    mesh.uvs[7] = {1e30F, -1e30F};
    mesh.uvs[8] = {-5, 7};
    for (const float z : {0.0F, -3.0F}) {
        // Near, and from far away, where the atlas is reduced
        const Frame frame = Renderer(mesh).render(view_from(photo, {0, 0, z}));
        EXPECT_EQ(frame.rgb(30, 30) == cv::Vec3b(0, 0, 0), z < 0);
    }
}

TEST(Render, HiddenBordersChangeNothing) {
    // Behind a slanted sheet lie the borders of another surface: what is hidden must not show
    const Photo photo = waves({96, 96});
    const Mesh front = surface(
        photo, [](float u, float v) { return 1 / (0.8F + 0.002F * u + 0.001F * v); }, 16);
    const Mesh box = rectangle(photo, {20.3F, 30.7F, 40.1F, 33.3F}, 4, {0, 0});
    const View view = view_from(photo, {0.004F, 0.003F, 0.01F});
    const Frame alone = Renderer(front).render(view);
    for (const Mesh& mesh : {joined(front, box), joined(box, front)}) {
        const Frame both = Renderer(mesh).render(view);
        const cv::Rect inner(4, 4, 88, 88);  // the sheet covers it
        expect_same(both.rgb(inner), alone.rgb(inner));
    }
}

TEST(Render, SilhouetteOfAFoldedSheetIsSmooth) {
    // One surface that turns away at a slanted fold, before black: its outline is an inner edge of
    // the mesh and must still be mixed by coverage
    Photo photo{.rgb = cv::Mat_<cv::Vec3b>(1, 1, cv::Vec3b(240, 240, 240)),
                .camera = default_camera({40, 40})};
    Mesh mesh{.atlas = photo.rgb, .camera = photo.camera};
    for (const auto& [u, v, z] : {std::tuple{5.0F, 0.0F, 1.0F},
                                  {5.0F, 40.0F, 1.0F},
                                  {25.0F, 0.0F, 1.0F},
                                  {30.0F, 40.0F, 1.0F},
                                  {8.0F, 0.0F, 2.0F},
                                  {8.0F, 40.0F, 2.0F}}) {
        mesh.positions.push_back(photo.camera.unproject(u, v, z));
        mesh.uvs.emplace_back(0.5F, 0.5F);
    }
    mesh.triangles = {{0, 1, 2}, {2, 1, 3}, {2, 3, 4}, {4, 3, 5}};
    const Frame frame = Renderer(mesh).render({.camera = photo.camera});
    for (int y = 0; y < 40; ++y) {
        const float edge = 25 + (static_cast<float>(y) + 0.5F) / 8;
        const int x = static_cast<int>(edge);
        EXPECT_NEAR(frame.rgb(y, x)[0], 240 * (edge - static_cast<float>(x)), 45) << "row " << y;
    }
}

class StopsAfter : public Progress {
public:
    explicit StopsAfter(int reports) : left_(reports) {}
    void report(std::string_view stage, double fraction) override {
        EXPECT_EQ(stage, "render");
        EXPECT_GE(fraction, last_fraction);
        last_fraction = fraction;
        --left_;
    }
    void warn(const std::string&) override {}
    bool stop_requested() const override { return left_ <= 0; }
    double last_fraction = 0;

private:
    int left_;
};

TEST(RenderPath, HandsOverEveryFrameInOrder) {
    const Photo photo = waves({40, 30});
    const Mesh mesh = surface(photo, flat(1), 10);
    CameraPath path{.name = "test"};
    for (int i = 0; i < 6; ++i)
        path.views.push_back(view_from(photo, {0.02F * static_cast<float>(i), 0, 0}));
    std::vector<cv::Mat_<cv::Vec3b>> frames;
    StopsAfter progress(100);
    const std::int64_t empty_pixels = render_path(
        mesh, path, [&](const Frame& frame) { frames.push_back(frame.rgb.clone()); }, {},
        &progress);
    ASSERT_EQ(frames.size(), path.views.size());
    std::int64_t expected = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const Frame frame = Renderer(mesh).render(path.views[i]);
        expect_same(frames[i], frame.rgb);
        expected += frame.empty_pixels;
    }
    EXPECT_EQ(empty_pixels, expected);
    EXPECT_EQ(progress.last_fraction, 1);
}

TEST(RenderPath, StopsOnRequest) {
    const Photo photo = waves({40, 30});
    const Mesh mesh = surface(photo, flat(1), 10);
    const CameraPath path{.views = std::vector<View>(50, view_from(photo, {}))};
    int frames = 0;
    StopsAfter progress(3);
    try {
        render_path(
            mesh, path, [&](const Frame&) { ++frames; }, {}, &progress);
        FAIL() << "was not stopped";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Cancelled);
    }
    EXPECT_LE(frames, 4);
}

}  // namespace
}  // namespace unflat
