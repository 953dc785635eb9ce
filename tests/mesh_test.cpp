// SPDX-License-Identifier: MIT
#include "unflat/mesh.h"

#include "unflat/error.h"

#include "scenes.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include <gtest/gtest.h>
#include <opencv2/core/utility.hpp>

namespace unflat {
namespace {

// Cuts wherever neighbours differ by more than the threshold
Ldi lifted(const DisparityMap& map, float threshold = 0.04F) {
    const cv::Size size = map.values.size();
    Ldi ldi = lift(waves(size), map, {.size = size, .threshold = threshold});
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x) {
            if (x + 1 < size.width && std::abs(map.values(y, x) - map.values(y, x + 1)) > threshold)
                cut(ldi, y * size.width + x, Direction::Right);
            if (y + 1 < size.height &&
                std::abs(map.values(y, x) - map.values(y + 1, x)) > threshold)
                cut(ldi, y * size.width + x, Direction::Down);
        }
    return ldi;
}

// Continues the background `width` pixels behind what is in front of it, by one layer
void continue_background(Ldi& ldi, int width) {
    const cv::Rect photo({}, ldi.camera.size);
    std::map<std::pair<int, int>, std::int32_t> hidden;
    std::vector<std::int32_t> rim(ldi.photo_pixel_count());
    for (std::size_t i = 0; i < rim.size(); ++i)
        rim[i] = static_cast<std::int32_t>(i);
    for (int step = 0; step < width; ++step) {
        std::vector<std::int32_t> next;
        for (const std::int32_t i : rim)
            for (int d = 0; d < 4; ++d) {
                const LdiPixel pixel = ldi.pixels[static_cast<std::size_t>(i)];
                const Direction direction = static_cast<Direction>(d);
                const cv::Point place = cv::Point(pixel.x, pixel.y) + step_of(direction);
                if (pixel.link(direction) != -1 || !photo.contains(place))
                    continue;
                const std::int32_t front = ldi.front(place.x, place.y);
                if (ldi.pixels[static_cast<std::size_t>(front)].disparity <= pixel.disparity + 0.1F)
                    continue;
                auto found = hidden.find({place.x, place.y});
                if (found == hidden.end()) {
                    const std::int32_t added = add_pixel(ldi, {.x = place.x,
                                                               .y = place.y,
                                                               .disparity = pixel.disparity,
                                                               .rgb = {255, 0, 255},
                                                               .round = 1});
                    found = hidden.emplace(std::pair(place.x, place.y), added).first;
                    next.push_back(added);
                }
                if (ldi.pixels[static_cast<std::size_t>(found->second)].link(opposite(direction)) ==
                    -1)
                    link(ldi, i, direction, found->second);
            }
        rim = next;
    }
}

// Rough ground with discs of several depths and what lies behind them
Ldi rich_scene(cv::Size size = {150, 110}, bool hidden = true) {
    DisparityMap map = plane(size, 0);
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x)
            map.values(y, x) = 0.4F + 0.004F * static_cast<float>(y) +
                               0.01F * std::sin(0.2F * static_cast<float>(x)) *
                                   std::cos(0.13F * static_cast<float>(y));
    std::mt19937 random(5);
    for (int i = 0; i < 9; ++i) {
        const auto draw = [&](int limit) {
            return static_cast<float>(random() % static_cast<unsigned>(limit));
        };
        const cv::Point2f centre(draw(size.width), draw(size.height));
        const float radius = 4 + draw(18), nearness = 1 + 0.2F * static_cast<float>(i);
        for (int y = 0; y < size.height; ++y)
            for (int x = 0; x < size.width; ++x)
                if (std::hypot(static_cast<float>(x) - centre.x, static_cast<float>(y) - centre.y) <
                    radius)
                    map.values(y, x) = nearness + 0.01F * static_cast<float>(x - y);
    }
    Ldi ldi = lifted(map);
    if (hidden)
        continue_background(ldi, 12);
    return ldi;
}

cv::Point3f on_photo(const Mesh& mesh, std::uint32_t vertex) {
    const cv::Point2f p = mesh.camera.project(mesh.positions[vertex]);
    return {p.x, p.y, 1 / mesh.positions[vertex][2]};
}

float doubled_area_of(const Mesh& mesh, const std::array<std::uint32_t, 3>& triangle) {
    const cv::Point3f a = on_photo(mesh, triangle[0]), b = on_photo(mesh, triangle[1]),
                      c = on_photo(mesh, triangle[2]);
    return (c.x - a.x) * (b.y - a.y) - (b.x - a.x) * (c.y - a.y);
}

// What the photo's camera sees at a continuous position: disparity and place in the atlas [texels]
struct Hit {
    float disparity = 0;
    cv::Point2f texel;
    int count = 0;  // surfaces there
};

Hit look(const Mesh& mesh, float u, float v) {
    Hit hit;
    for (const auto& triangle : mesh.triangles) {
        const cv::Point3f a = on_photo(mesh, triangle[0]), b = on_photo(mesh, triangle[1]),
                          c = on_photo(mesh, triangle[2]);
        const auto area = [](cv::Point3f p, cv::Point3f q, cv::Point3f r) {
            return (r.x - p.x) * (q.y - p.y) - (q.x - p.x) * (r.y - p.y);
        };
        const cv::Point3f p(u, v, 0);
        const float sum = area(a, b, c);
        const float wa = area(p, b, c) / sum, wb = area(a, p, c) / sum, wc = area(a, b, p) / sum;
        if (std::min({wa, wb, wc}) < 0)
            continue;
        ++hit.count;
        const float disparity = wa * a.z + wb * b.z + wc * c.z;
        if (disparity <= hit.disparity)
            continue;
        // As graphics processors do it: linear in space, so weighted by disparity on the screen
        const cv::Vec2f uv = (wa * a.z * mesh.uvs[triangle[0]] + wb * b.z * mesh.uvs[triangle[1]] +
                              wc * c.z * mesh.uvs[triangle[2]]) /
                             disparity;
        hit.disparity = disparity;
        hit.texel = {uv[0] * static_cast<float>(mesh.atlas.cols),
                     uv[1] * static_cast<float>(mesh.atlas.rows)};
    }
    return hit;
}

using Place = std::tuple<float, float, float>;
Place place_of(const cv::Vec3f& p) {
    return {p[0], p[1], p[2]};
}

// How often each directed edge occurs, told apart by position alone
std::map<std::pair<Place, Place>, int> edges_of(const Mesh& mesh) {
    std::map<std::pair<Place, Place>, int> edges;
    for (const auto& triangle : mesh.triangles)
        for (std::size_t k = 0; k < 3; ++k)
            ++edges[{place_of(mesh.positions[triangle[k]]),
                     place_of(mesh.positions[triangle[(k + 1) % 3]])}];
    return edges;
}

// Length of the outline on the photo: of edges with a triangle on one side only
double outline_length(const Mesh& mesh) {
    const auto edges = edges_of(mesh);
    double length = 0;
    for (const auto& [edge, count] : edges) {
        if (edges.contains({edge.second, edge.first}))
            continue;
        const auto project = [&](const Place& p) {
            return mesh.camera.project({std::get<0>(p), std::get<1>(p), std::get<2>(p)});
        };
        length += cv::norm(project(edge.first) - project(edge.second));
    }
    return length;
}

void expect_same(const Mesh& a, const Mesh& b) {
    EXPECT_EQ(a.positions, b.positions);
    EXPECT_EQ(a.uvs, b.uvs);
    EXPECT_EQ(a.triangles, b.triangles);
    EXPECT_EQ(cv::norm(a.atlas, b.atlas), 0);
}

TEST(Mesh, WithoutErrorEveryPixelHasTwoTriangles) {
    const Mesh flat = build_mesh(lifted(plane({12, 9}, 1)), {.error = 0});
    EXPECT_EQ(flat.triangles.size(), 2U * 12 * 9);
    EXPECT_EQ(flat.positions.size(), 13U * 10);
    const Ldi ldi = rich_scene({60, 40});
    EXPECT_EQ(build_mesh(ldi, {.error = 0}).triangles.size(), 2 * ldi.pixels.size());
}

TEST(Mesh, PlaneBecomesTwoTriangles) {
    for (const cv::Size size : {cv::Size(200, 130), cv::Size(1, 1), cv::Size(1, 700)}) {
        const Mesh mesh = build_mesh(lifted(plane(size, 0.5F)));
        EXPECT_EQ(mesh.triangles.size(), 2U) << size;
        double area = 0;
        for (const auto& triangle : mesh.triangles)
            area += static_cast<double>(doubled_area_of(mesh, triangle)) / 2;
        EXPECT_NEAR(area, size.area(), 1e-3 * size.area());
    }
}

TEST(Mesh, SlantedPlaneStaysAPlane) {
    DisparityMap map = plane({160, 120}, 0);
    for (int y = 0; y < 120; ++y)
        for (int x = 0; x < 160; ++x)
            map.values(y, x) = 0.3F + 0.002F * (static_cast<float>(x) + 0.5F) +
                               0.004F * (static_cast<float>(y) + 0.5F);
    const Mesh mesh = build_mesh(lifted(map));
    EXPECT_LT(mesh.triangles.size(), 4000U);
    for (std::uint32_t i = 0; i < mesh.positions.size(); ++i) {
        const cv::Point3f p = on_photo(mesh, i);
        // Corners on the border of the photo take the mean of the pixels that there are
        EXPECT_NEAR(p.z, 0.3F + 0.002F * p.x + 0.004F * p.y, 0.0031F);
    }
}

TEST(Mesh, LinkedPixelsShareTheMeanOthersHaveTheirOwn) {
    // Four pixels; only the lower left one is cut from its right neighbour
    DisparityMap map = plane({2, 2}, 1);
    map.values << 1.F, 1.1F, 1.2F, 1.5F;
    Ldi ldi = lifted(map, 10);
    cut(ldi, 2, Direction::Right);
    const Mesh mesh = build_mesh(ldi, {.error = 0});
    std::multiset<float> at_centre, at_bottom;
    for (std::uint32_t i = 0; i < mesh.positions.size(); ++i) {
        const cv::Point3f p = on_photo(mesh, i);
        if (std::abs(p.x - 1) < 1e-3F && std::abs(p.y - 1) < 1e-3F)
            at_centre.insert(p.z);
        if (std::abs(p.x - 1) < 1e-3F && std::abs(p.y - 2) < 1e-3F)
            at_bottom.insert(p.z);
    }
    ASSERT_EQ(at_centre.size(), 1U);  // chain of all four: the crack ends there
    EXPECT_NEAR(*at_centre.begin(), 1.2F, 1e-5);
    ASSERT_EQ(at_bottom.size(), 2U);
    EXPECT_NEAR(*at_bottom.begin(), 1.2F, 1e-5);
    EXPECT_NEAR(*at_bottom.rbegin(), 1.5F, 1e-5);

    // Cut off entirely, the fourth pixel keeps its own corner and the three share theirs
    cut(ldi, 3, Direction::Up);
    const Mesh apart = build_mesh(ldi, {.error = 0});
    std::multiset<float> corners;
    for (std::uint32_t i = 0; i < apart.positions.size(); ++i) {
        const cv::Point3f p = on_photo(apart, i);
        if (std::abs(p.x - 1) < 1e-3F && std::abs(p.y - 1) < 1e-3F)
            corners.insert(p.z);
    }
    ASSERT_EQ(corners.size(), 2U);
    EXPECT_NEAR(*corners.begin(), 1.1F, 1e-5);
    EXPECT_NEAR(*corners.rbegin(), 1.5F, 1e-5);
}

TEST(Mesh, NoTriangleCrossesAStep) {
    DisparityMap map = plane({64, 48}, 0.5F);
    put_box(map, {20, 10, 24, 20}, 2);
    const Mesh mesh = build_mesh(lifted(map));
    EXPECT_LE(mesh.triangles.size(), 20U);
    for (const auto& triangle : mesh.triangles) {
        std::set<float> depths;
        for (const std::uint32_t vertex : triangle)
            depths.insert(mesh.positions[vertex][2]);
        EXPECT_EQ(depths.size(), 1U);
    }
}

TEST(Mesh, TrianglesTurnCounterClockwise) {
    for (const float error : {0.F, 0.5F}) {
        const Mesh mesh = build_mesh(rich_scene(), {.error = error});
        for (const auto& triangle : mesh.triangles)
            EXPECT_GT(doubled_area_of(mesh, triangle), 0);
    }
}

TEST(Mesh, EdgesMeetWithoutTJunctions) {
    const Ldi ldi = rich_scene();
    const Mesh exact = build_mesh(ldi, {.error = 0});
    const Mesh simple = build_mesh(ldi);
    EXPECT_LT(simple.triangles.size() * 4, exact.triangles.size());
    for (const Mesh* mesh : {&exact, &simple}) {
        for (const auto& [edge, count] : edges_of(*mesh))
            EXPECT_EQ(count, 1);
    }
    // An outline in the midst of a surface would add to its length; staircases only get shorter
    EXPECT_LE(outline_length(simple), outline_length(exact) * 1.0001);
    EXPECT_GE(outline_length(simple), outline_length(exact) * 0.6);
}

TEST(Mesh, ThePhotoCoversEveryPixelOnceFromItsOwnCamera) {
    const Ldi ldi = rich_scene({60, 40}, false);
    const Mesh mesh = build_mesh(ldi, {.error = 0});
    for (int y = 0; y < 40; ++y)
        for (int x = 0; x < 60; ++x)
            EXPECT_EQ(look(mesh, static_cast<float>(x) + 0.4F, static_cast<float>(y) + 0.3F).count,
                      1);
}

TEST(Mesh, SimplificationKeepsItsBounds) {
    const Ldi ldi = rich_scene();
    const MeshOptions options{.error = 0.5F};
    const Mesh exact = build_mesh(ldi, {.error = 0});
    const Mesh simple = build_mesh(ldi, options);
    const float bound = options.error / (ldi.camera.focal * options.motion);
    std::mt19937 random(1);
    int beside_silhouettes = 0;
    for (int i = 0; i < 700; ++i) {
        const int x = static_cast<int>(random() % 150), y = static_cast<int>(random() % 110);
        const float u = static_cast<float>(x) + 0.5F, v = static_cast<float>(y) + 0.5F;
        const Hit was = look(exact, u, v), is = look(simple, u, v);
        ASSERT_GE(is.count, 1);
        if (std::abs(was.disparity - is.disparity) > bound) {
            // Only a silhouette that has grown over its neighbour may differ more
            EXPECT_GT(is.disparity, was.disparity);
            ++beside_silhouettes;
            continue;
        }
        // The colour there is that of the photo's pixel, wherever it stands in the atlas
        const cv::Vec3b photo =
            ldi.pixels[static_cast<std::size_t>(y * ldi.camera.size.width + x)].rgb;
        const cv::Vec3b seen =
            simple.atlas(static_cast<int>(is.texel.y), static_cast<int>(is.texel.x));
        EXPECT_LE(cv::norm(photo, seen, cv::NORM_INF), 12) << x << " " << y;
        if (simple.photo_in_atlas.contains(cv::Point(is.texel))) {
            EXPECT_LE(cv::norm(is.texel - cv::Point2f(u, v)), options.uv_error + 0.01F);
        }
    }
    EXPECT_LT(beside_silhouettes, 700 / 25);
}

TEST(Mesh, HiddenPixelsNeverComeBeforeThePhoto) {
    const Ldi ldi = rich_scene();
    for (const float error : {0.F, 0.5F, 1.F}) {
        const Mesh mesh = build_mesh(ldi, {.error = error});
        for (int y = 0; y < 110; y += 5)
            for (int x = y % 7; x < 150; x += 7) {
                const Hit hit =
                    look(mesh, static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F);
                const cv::Vec3b seen =
                    mesh.atlas(static_cast<int>(hit.texel.y), static_cast<int>(hit.texel.x));
                EXPECT_NE(seen, cv::Vec3b(255, 0, 255)) << x << " " << y << " " << error;
            }
    }
}

TEST(Mesh, AtlasHoldsThePhotoAsItIs) {
    const Ldi ldi = rich_scene();
    const Mesh mesh = build_mesh(ldi);
    EXPECT_EQ(mesh.photo_in_atlas.size(), ldi.camera.size);
    EXPECT_EQ(cv::norm(mesh.atlas(mesh.photo_in_atlas), waves(ldi.camera.size).rgb), 0);
    EXPECT_EQ(mesh.atlas.cols & (mesh.atlas.cols - 1), 0);
    EXPECT_EQ(mesh.atlas.rows & (mesh.atlas.rows - 1), 0);
}

TEST(Mesh, SurfaceGoesOnBehindTheDiscWithoutASeam) {
    // One colour in front, another behind; the hidden pixels have the background's
    const cv::Size size(80, 60);
    Ldi ldi = lifted(disc(size, 0.5F, 2, {40, 30}, 15));
    continue_background(ldi, 6);
    const cv::Vec3b front(200, 30, 30), back(30, 60, 200);
    for (LdiPixel& pixel : ldi.pixels)
        pixel.rgb = pixel.disparity > 1 ? front : back;
    const Mesh mesh = build_mesh(ldi);
    // Every texel that filtering can touch inside a background triangle is the background's
    int checked = 0;
    for (const auto& triangle : mesh.triangles) {
        if (mesh.positions[triangle[0]][2] < 1)
            continue;
        for (int i = 1; i < 20; ++i)
            for (int j = 1; i + j < 20; ++j) {
                const float a = static_cast<float>(i) / 20, b = static_cast<float>(j) / 20;
                const cv::Vec2f uv = a * mesh.uvs[triangle[0]] + b * mesh.uvs[triangle[1]] +
                                     (1 - a - b) * mesh.uvs[triangle[2]];
                const float u = uv[0] * static_cast<float>(mesh.atlas.cols) - 0.5F;
                const float v = uv[1] * static_cast<float>(mesh.atlas.rows) - 0.5F;
                for (const int dy : {0, 1})
                    for (const int dx : {0, 1}) {
                        const int x = std::clamp(static_cast<int>(std::floor(u)) + dx, 0,
                                                 mesh.atlas.cols - 1);
                        const int y = std::clamp(static_cast<int>(std::floor(v)) + dy, 0,
                                                 mesh.atlas.rows - 1);
                        EXPECT_EQ(mesh.atlas(y, x), back);
                        ++checked;
                    }
            }
    }
    EXPECT_GT(checked, 1000);
}

TEST(Mesh, BorderContinuesOutsideThePhoto) {
    Ldi ldi = lifted(plane({30, 20}, 1));
    enlarge_canvas(ldi, {-5, 0, 35, 20});
    for (int y = 0; y < 20; ++y) {
        std::int32_t right = y * 30;
        for (int x = -1; x >= -5; --x) {
            const std::int32_t added =
                add_pixel(ldi, {.x = x, .y = y, .disparity = 1, .rgb = {9, 9, 9}, .round = 1});
            link(ldi, right, Direction::Left, added);
            if (y > 0)
                link(ldi, added, Direction::Up, ldi.front(x, y - 1));
            right = added;
        }
    }
    ASSERT_EQ(find_violation(ldi), "");
    const Mesh mesh = build_mesh(ldi);
    double area = 0;
    for (const auto& triangle : mesh.triangles)
        area += static_cast<double>(doubled_area_of(mesh, triangle)) / 2;
    EXPECT_NEAR(area, 35 * 20, 0.1);
    EXPECT_LE(mesh.triangles.size(), 8U);
}

TEST(Mesh, SteepTrianglesAreDividedUntilTheTextureStays) {
    // Disparity grows tenfold within a few pixels of one surface
    DisparityMap map = plane({16, 12}, 0);
    for (int y = 0; y < 12; ++y)
        for (int x = 0; x < 16; ++x)
            map.values(y, x) = 0.02F * std::pow(2.5F, static_cast<float>(x % 8));
    const Mesh mesh = build_mesh(lifted(map, 100));
    for (const auto& triangle : mesh.triangles) {
        float longest = 0, nearest = 1e9F, farthest = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            const cv::Point3f a = on_photo(mesh, triangle[k]);
            const cv::Point3f b = on_photo(mesh, triangle[(k + 1) % 3]);
            longest = std::max(longest, std::hypot(a.x - b.x, a.y - b.y));
            nearest = std::min(nearest, 1 / a.z);
            farthest = std::max(farthest, 1 / a.z);
        }
        const float r = farthest / nearest;
        EXPECT_LE(longest * (r - 1) / (2 * (r + 1)), 0.2501F);
    }
    for (const auto& [edge, count] : edges_of(mesh))
        EXPECT_EQ(count, 1);
}

TEST(Mesh, AnyValidLayersGiveAMesh) {
    // Noise everywhere: cracks at random, sheets that wind around corners, columns of many pixels
    for (unsigned seed = 0; seed < 6; ++seed) {
        std::mt19937 random(seed);
        const auto draw = [&](int limit) {
            return static_cast<int>(random() % static_cast<unsigned>(limit));
        };
        const cv::Size size(8 + draw(40), 8 + draw(40));
        DisparityMap map = plane(size, 1);
        for (float& value : map.values)
            value = 1 + 0.001F * static_cast<float>(draw(seed % 2 ? 1000 : 4));
        Ldi ldi = lifted(map, 0.6F);
        for (int i = 0; i < size.area() / 4; ++i)
            cut(ldi, draw(size.area()), static_cast<Direction>(draw(4)));
        for (int i = 0; i < size.area(); ++i)
            add_pixel(ldi, {.x = draw(size.width),
                            .y = draw(size.height),
                            .disparity = 0.2F + 0.001F * static_cast<float>(draw(500)),
                            .round = 1});
        const int count = static_cast<int>(ldi.pixels.size());
        for (int i = 0; i < count; ++i)
            for (int d = 0; d < 4; ++d) {
                const Direction direction = static_cast<Direction>(d);
                const LdiPixel& pixel = ldi.pixels[static_cast<std::size_t>(i)];
                const cv::Point place = cv::Point(pixel.x, pixel.y) + step_of(direction);
                std::int32_t other = ldi.front(place.x, place.y);
                for (int k = draw(4); k > 0 && other != -1; --k)
                    other = ldi.pixels[static_cast<std::size_t>(other)].behind;
                if (other != -1 && pixel.link(direction) == -1 &&
                    ldi.pixels[static_cast<std::size_t>(other)].link(opposite(direction)) == -1)
                    link(ldi, i, direction, other);
            }
        ASSERT_EQ(find_violation(ldi), "");
        EXPECT_EQ(build_mesh(ldi, {.error = 0}).triangles.size(), 2 * ldi.pixels.size());
        const Mesh mesh = build_mesh(ldi, {.error = 1, .motion = 0.1F});
        EXPECT_LE(outline_length(mesh), outline_length(build_mesh(ldi, {.error = 0})) * 1.0001);
        for (const auto& triangle : mesh.triangles)
            EXPECT_GT(doubled_area_of(mesh, triangle), 0);
        for (const cv::Vec3f& position : mesh.positions)
            EXPECT_TRUE(std::isfinite(position[0]) && position[2] > 0);
        for (const cv::Vec2f& uv : mesh.uvs)
            EXPECT_TRUE(uv[0] >= 0 && uv[0] <= 1 && uv[1] >= 0 && uv[1] <= 1);
    }
}

TEST(Mesh, ManyThousandsOfChartsFit) {
    Ldi ldi = lifted(plane({100, 100}, 1));
    for (int y = 0; y < 100; ++y)
        for (int x = 0; x < 100; ++x)
            add_pixel(ldi, {.x = x, .y = y, .disparity = 0.5F, .rgb = {1, 2, 3}, .round = 1});
    const Mesh mesh = build_mesh(ldi, {.padding = 1});
    EXPECT_EQ(mesh.triangles.size(), 2U + 2U * 10000);
}

TEST(Mesh, AtlasThatDoesNotFitIsNotSupported) {
    try {
        build_mesh(lifted(plane({300, 20}, 1)), {.max_atlas_side = 256});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Unsupported);
        EXPECT_NE(std::string(error.what()).find("300 x 20"), std::string::npos);
    }
}

TEST(Mesh, ThreadCountChangesNothing) {
    const Ldi ldi = rich_scene({300, 200});
    const int threads = cv::getNumThreads();
    cv::setNumThreads(1);
    const Mesh one = build_mesh(ldi);
    for (const int count : {2, 7}) {
        cv::setNumThreads(count);
        expect_same(one, build_mesh(ldi));
    }
    cv::setNumThreads(threads);
}

TEST(Mesh, StopsWhenAsked) {
    struct Impatient : Progress {
        void report(std::string_view, double) override {}
        void warn(const std::string&) override {}
        bool stop_requested() const override { return true; }
    } progress;
    try {
        build_mesh(lifted(plane({8, 8}, 1)), {}, &progress);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Cancelled);
    }
}

}  // namespace
}  // namespace unflat
