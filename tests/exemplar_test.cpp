// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/inpaint.h"

#include "inpaint/exemplar_level.h"
#include "inpaint/exemplar_match.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <memory>

#include <gtest/gtest.h>
#include <opencv2/core.hpp>
#include <opencv2/core/utility.hpp>

namespace unflat {
namespace {

using Picture = std::function<cv::Vec3b(int x, int y)>;

// A patch that is all context
InpaintPatch patch_of(cv::Size size, const Picture& picture) {
    InpaintPatch patch;
    patch.role = cv::Mat_<std::uint8_t>(size, static_cast<std::uint8_t>(Role::Context));
    patch.rgb = cv::Mat_<cv::Vec3b>(size);
    patch.disparity = cv::Mat_<float>(size, 1.0F);
    patch.max_disparity = cv::Mat_<float>(size, 0.0F);
    patch.cuts = cv::Mat_<std::uint8_t>(size, std::uint8_t{0});
    patch.threshold = 0.04F;
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x)
            patch.rgb(y, x) = picture(x, y);
    return patch;
}

void set_role(InpaintPatch& patch, const cv::Rect& box, Role role) {
    for (int y = box.y; y < box.y + box.height; ++y)
        for (int x = box.x; x < box.x + box.width; ++x) {
            patch.role(y, x) = static_cast<std::uint8_t>(role);
            patch.rgb(y, x) = {0, 0, 0};
            if (role == Role::Synthesis)
                patch.max_disparity(y, x) = 3;
        }
}

// A patch with one box to be synthesised
InpaintPatch patch_with_hole(cv::Size size, const cv::Rect& hole, const Picture& picture) {
    InpaintPatch patch = patch_of(size, picture);
    set_role(patch, hole, Role::Synthesis);
    return patch;
}

double psnr(const InpaintPatch& patch, const cv::Mat_<cv::Vec3b>& rgb, const Picture& truth) {
    double sum = 0;
    int count = 0;
    for (int y = 0; y < rgb.rows; ++y)
        for (int x = 0; x < rgb.cols; ++x)
            if (patch.role_at(x, y) == Role::Synthesis) {
                const cv::Vec3i error = cv::Vec3i(rgb(y, x)) - cv::Vec3i(truth(x, y));
                sum += error.dot(error);
                count += 3;
            }
    return 10 * std::log10(255 * 255 / std::max(sum / count, 1e-9));
}

// Mean step between horizontal neighbours in the synthesis region
double roughness(const InpaintPatch& patch, const cv::Mat_<cv::Vec3b>& rgb) {
    double sum = 0;
    int count = 0;
    for (int y = 0; y < rgb.rows; ++y)
        for (int x = 0; x + 1 < rgb.cols; ++x)
            if (patch.role_at(x, y) == Role::Synthesis &&
                patch.role_at(x + 1, y) == Role::Synthesis) {
                sum += std::abs(rgb(y, x + 1)[1] - rgb(y, x)[1]);
                ++count;
            }
    return sum / count;
}

bool same_pixels(const cv::Mat_<cv::Vec3b>& a, const cv::Mat_<cv::Vec3b>& b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
}

std::uint8_t noise(int x, int y) {
    auto h = static_cast<std::uint32_t>(x) * 73856093U ^ static_cast<std::uint32_t>(y) * 19349663U;
    h = (h ^ (h >> 13)) * 0x5bd1e995U;
    return static_cast<std::uint8_t>(h >> 24);
}

cv::Vec3b grey_noise(int x, int y) {
    const auto value = static_cast<std::uint8_t>(80 + noise(x, y) / 4);
    return {value, value, value};
}

cv::Vec3b stripes(int x, int y) {
    const auto value =
        cv::saturate_cast<std::uint8_t>(128 + 90 * std::sin(0.7F * static_cast<float>(x + y)));
    return {value, 60, static_cast<std::uint8_t>(255 - value)};
}

cv::Vec3b checker(int x, int y) {
    return ((x / 5) + (y / 5)) % 2 ? cv::Vec3b(220, 200, 60) : cv::Vec3b(30, 40, 90);
}

const cv::Size kSize(120, 90);
const cv::Rect kHole(48, 30, 24, 28);
const cv::Rect kBand(90, 0, 30, 90);  // known on one side alone, as behind an occluder

TEST(Exemplar, KeepsAConstantContext) {
    const cv::Vec3b colour(12, 200, 101);
    const InpaintPatch patch = patch_with_hole(kSize, kHole, [&](int, int) { return colour; });
    const Synthesis result = make_exemplar_inpainter()->inpaint(patch);
    for (int y = kHole.y; y < kHole.br().y; ++y)
        for (int x = kHole.x; x < kHole.br().x; ++x)
            ASSERT_EQ(result.rgb(y, x), colour) << x << ", " << y;
}

TEST(Exemplar, ContinuesStripesInPhase) {
    const InpaintPatch patch = patch_with_hole(kSize, kHole, stripes);
    EXPECT_GT(psnr(patch, make_exemplar_inpainter()->inpaint(patch).rgb, stripes), 25);
}

TEST(Exemplar, ContinuesStripesFromOneSide) {
    const InpaintPatch patch = patch_with_hole(kSize, kBand, stripes);
    // A flat mean would have 13.8 dB; whole pixels cannot keep the phase exactly
    EXPECT_GT(psnr(patch, make_exemplar_inpainter()->inpaint(patch).rgb, stripes), 17);
}

TEST(Exemplar, ContinuesACheckerInPhase) {
    const InpaintPatch patch = patch_with_hole(kSize, kHole, checker);
    EXPECT_GT(psnr(patch, make_exemplar_inpainter()->inpaint(patch).rgb, checker), 18);
}

TEST(Exemplar, IsSharperThanDiffusionOnTexture) {
    const InpaintPatch patch = patch_with_hole(kSize, kBand, grey_noise);
    const double exemplar = roughness(patch, make_exemplar_inpainter()->inpaint(patch).rgb);
    const double diffusion = roughness(patch, make_diffusion_inpainter()->inpaint(patch).rgb);
    EXPECT_GT(exemplar, 3 * diffusion);
}

TEST(Exemplar, StaysInTheRangeOfTheContext) {
    const InpaintPatch patch = patch_with_hole(kSize, kBand, grey_noise);
    const Synthesis result = make_exemplar_inpainter()->inpaint(patch);
    for (int y = kBand.y; y < kBand.br().y; ++y)
        for (int x = kBand.x; x < kBand.br().x; ++x)
            for (int c = 0; c < 3; ++c) {
                // The smooth part may overshoot the mean of the texture by a little
                ASSERT_GE(result.rgb(y, x)[c], 76);
                ASSERT_LE(result.rgb(y, x)[c], 148);
            }
}

// Left of the cut all is red, right of it blue; each side has its own half of the hole
// Weights fall with the distance from the context; they must not vanish far away from it
TEST(Exemplar, FillsFarFromTheContext) {
    const InpaintPatch patch = patch_with_hole({400, 60}, {100, 0, 300, 60}, grey_noise);
    const Synthesis result = make_exemplar_inpainter()->inpaint(patch);
    for (int y = 0; y < 60; ++y)
        for (int x = 100; x < 400; ++x)
            ASSERT_GE(result.rgb(y, x)[1], 76) << x << ", " << y;
}

TEST(Exemplar, NothingLeaksAcrossADepthEdge) {
    InpaintPatch patch = patch_with_hole(kSize, kHole, [](int x, int y) {
        const auto value = static_cast<std::uint8_t>(150 + noise(x, y) / 4);
        return x < 60 ? cv::Vec3b(value, 0, 0) : cv::Vec3b(0, 0, value);
    });
    for (int y = 0; y < kSize.height; ++y)
        patch.cuts(y, 59) |= 1;
    const Synthesis result = make_exemplar_inpainter()->inpaint(patch);
    for (int y = kHole.y; y < kHole.br().y; ++y)
        for (int x = kHole.x; x < kHole.br().x; ++x) {
            ASSERT_EQ(result.rgb(y, x)[x < 60 ? 2 : 0], 0) << x << ", " << y;
            ASSERT_GT(result.rgb(y, x)[x < 60 ? 0 : 2], 120) << x << ", " << y;
        }
}

TEST(Exemplar, GrainGoesOnWithoutStreaks) {
    // So faint that a preference for what is nearest outweighs it: the last column repeated
    const auto grain = [](int x, int y) {
        const auto value = static_cast<std::uint8_t>(120 + noise(x, y) / 24);
        return cv::Vec3b(value, value, value);
    };
    const InpaintPatch patch = patch_with_hole({240, 90}, {160, 0, 80, 90}, grain);
    const InpaintPatch truth = patch_of({240, 90}, grain);
    const Synthesis result = make_exemplar_inpainter()->inpaint(patch);
    EXPECT_GT(roughness(patch, result.rgb), 0.85 * roughness(patch, truth.rgb));
}

// A dark sky whose last two columns before the hole shine with the light of what hides it
cv::Vec3b tinted_sky(int x, int y) {
    const auto value = static_cast<std::uint8_t>(40 + noise(x, y) / 64);
    return x < kBand.x - 2 ? cv::Vec3b(value, value, value) : cv::Vec3b(230, 160, 90);
}

TEST(Exemplar, ATintedRimColoursNothingBehindIt) {
    const InpaintPatch patch = patch_with_hole(kSize, kBand, tinted_sky);
    for (const auto& inpainter : {make_exemplar_inpainter(), make_diffusion_inpainter()}) {
        const Synthesis result = inpainter->inpaint(patch);
        for (int y = 0; y < kSize.height; ++y)
            for (int x = kBand.x; x < kBand.br().x; ++x)
                ASSERT_LE(result.rgb(y, x)[0], 48) << x << ' ' << y;
    }
}

TEST(Exemplar, ALineThatMeetsTheHoleIsNoTint) {
    const auto line = [](int, int y) {
        return y >= 40 && y < 42 ? cv::Vec3b(220, 220, 220) : cv::Vec3b(40, 40, 40);
    };
    const InpaintPatch patch = patch_with_hole(kSize, kBand, line);
    const Synthesis result = make_diffusion_inpainter()->inpaint(patch);
    EXPECT_GT(result.rgb(40, kBand.x)[0], 120);
}

TEST(Exemplar, CopiesFromWhatIsAsFarAway) {
    // What lies beside the hole hangs together with it, but far behind it; the same thing as in the
    // hole, hardly darker, is further off
    constexpr std::uint8_t kSame = 100, kOther = 108;
    const auto picture = [](int x, int) {
        const std::uint8_t value = x < 50 ? kSame : kOther;
        return cv::Vec3b(value, value, value);
    };
    InpaintPatch patch = patch_with_hole(kSize, kBand, picture);
    patch.disparity.setTo(2);
    patch.disparity(cv::Rect(50, 0, kBand.x - 50, kSize.height)).setTo(0.5);
    const Synthesis result = make_exemplar_inpainter()->inpaint(patch);
    for (int y = 0; y < kSize.height; ++y)  // beyond the squares that reach into what is beside it
        for (int x = kBand.x + 8; x < kBand.br().x; ++x)
            ASSERT_LT(result.rgb(y, x)[0], (kSame + kOther) / 2) << x << ' ' << y;
}

TEST(Exemplar, MatchesStayInPlaceFromScaleToScale) {
    // Short depth edges that the coarser scale does not see forbid what it chose
    InpaintPatch patch = patch_with_hole({96, 96}, {60, 30, 30, 30}, grey_noise);
    for (const int x : {26, 30})
        patch.cuts(cv::Rect(x, 20, 1, 40)).setTo(1);
    const exemplar::Surfaces surfaces = exemplar::find_surfaces(patch);
    exemplar::Level fine = exemplar::cut_out(patch, surfaces.labels, 1, surfaces.boxes[1]);
    exemplar::Level coarse = exemplar::half_scale(fine);
    exemplar::prepare_squares(fine, 5);
    exemplar::prepare_squares(coarse, 5);
    const int chosen = (20 + exemplar::kMargin) * coarse.width + 14 + exemplar::kMargin;
    ASSERT_TRUE(coarse.is_source[static_cast<std::size_t>(chosen)]);
    exemplar::Matches matches{.source = std::vector<int>(coarse.targets.size(), chosen),
                              .cost = std::vector<int>(coarse.targets.size(), 0)};
    matches = exemplar::refine_matches(coarse, matches, fine, 0);
    for (const int source : matches.source) {
        ASSERT_TRUE(fine.is_source[static_cast<std::size_t>(source)]);
        EXPECT_NEAR(source % fine.width - exemplar::kMargin, 28, 8);
        EXPECT_NEAR(source / fine.width - exemplar::kMargin, 40, 8);
    }
}

TEST(Exemplar, TakesNothingFromContextOutOfReach) {
    // A green field that no link joins to the hole would match as well as the grey one
    InpaintPatch patch = patch_with_hole(kSize, kBand, [](int x, int y) {
        const cv::Vec3b grey = grey_noise(x, y);
        return x < 50 ? cv::Vec3b(0, grey[0], 0) : grey;
    });
    set_role(patch, {50, 0, 2, kSize.height}, Role::Outside);
    const Synthesis result = make_exemplar_inpainter()->inpaint(patch);
    for (int y = kBand.y; y < kBand.br().y; ++y)
        for (int x = kBand.x; x < kBand.br().x; ++x)
            ASSERT_GT(result.rgb(y, x)[0], 60) << x << ", " << y;
}

TEST(Exemplar, SameBytesForAnyThreadCountAndTwice) {
    const cv::Size size(300, 260);  // several units of work, and a thread for the disparity
    InpaintPatch patch = patch_with_hole(size, {130, 0, 90, 260}, [](int x, int y) {
        return (x / 9 + y / 7) % 2 ? grey_noise(x, y) : stripes(x, y);
    });
    patch.seed = 5;
    const auto inpainter = make_exemplar_inpainter();
    const int threads = cv::getNumThreads();
    cv::setNumThreads(1);
    const cv::Mat_<cv::Vec3b> first = inpainter->inpaint(patch).rgb;
    for (const int count : {1, 2, 7}) {
        cv::setNumThreads(count);
        EXPECT_TRUE(same_pixels(inpainter->inpaint(patch).rgb, first)) << count << " threads";
    }
    cv::setNumThreads(threads);
}

TEST(Exemplar, DiffusesWhereThereIsNoContext) {
    InpaintPatch patch = patch_of({20, 10}, grey_noise);
    set_role(patch, {0, 0, 20, 10}, Role::Synthesis);
    const Synthesis result = make_exemplar_inpainter()->inpaint(patch);
    EXPECT_TRUE(same_pixels(result.rgb, make_diffusion_inpainter()->inpaint(patch).rgb));
}

TEST(Exemplar, DiffusesWhereTheContextIsSmallerThanASquare) {
    InpaintPatch patch = patch_with_hole({22, 10}, {2, 0, 20, 10}, grey_noise);
    const Synthesis result = make_exemplar_inpainter()->inpaint(patch);
    const Synthesis diffusion = make_diffusion_inpainter()->inpaint(patch);
    for (int y = 0; y < 10; ++y)
        for (int x = 2; x < 22; ++x)
            ASSERT_LE(cv::norm(cv::Vec3i(result.rgb(y, x)) - cv::Vec3i(diffusion.rgb(y, x))), 1.8);
}

TEST(Exemplar, FillsRegionsOfAnyShape) {
    const auto inpainter = make_exemplar_inpainter();
    // 1 x 1, lines one pixel wide, a diagonal staircase
    EXPECT_EQ(inpainter->inpaint(patch_with_hole({1, 1}, {0, 0, 1, 1}, grey_noise)).rgb.size(),
              cv::Size(1, 1));
    EXPECT_EQ(inpainter->inpaint(patch_of({3, 1}, grey_noise)).rgb.size(), cv::Size(3, 1));
    for (const cv::Rect& line : {cv::Rect(10, 0, 1, 40), cv::Rect(0, 20, 60, 1)}) {
        const InpaintPatch patch =
            patch_with_hole({60, 40}, line, [](int, int) { return cv::Vec3b(90, 91, 92); });
        const Synthesis result = inpainter->inpaint(patch);
        EXPECT_EQ(result.rgb(line.tl()), cv::Vec3b(90, 91, 92));
        EXPECT_EQ(result.rgb(line.br() - cv::Point(1, 1)), cv::Vec3b(90, 91, 92));
    }
    InpaintPatch stairs = patch_of({64, 64}, [](int, int) { return cv::Vec3b(7, 8, 9); });
    for (int i = 0; i < 63; ++i)
        set_role(stairs, {i, i, 2, 1}, Role::Synthesis);
    const Synthesis result = inpainter->inpaint(stairs);
    for (int i = 0; i < 63; ++i)
        EXPECT_EQ(result.rgb(i, i), cv::Vec3b(7, 8, 9));
}

TEST(Exemplar, LeavesDisparityToDiffusion) {
    InpaintPatch patch = patch_with_hole(kSize, kHole, stripes);
    const cv::Mat_<float> expected = diffuse_disparity(patch);
    const Synthesis result = make_exemplar_inpainter()->inpaint(patch);
    for (int y = kHole.y; y < kHole.br().y; ++y)
        for (int x = kHole.x; x < kHole.br().x; ++x)
            ASSERT_EQ(result.disparity(y, x), expected(y, x));
}

TEST(Exemplar, RefusesOptionsOutOfRange) {
    EXPECT_THROW(make_exemplar_inpainter({.patch_side = 4}), Error);
    EXPECT_THROW(make_exemplar_inpainter({.patch_side = 9}), Error);
    EXPECT_THROW(make_exemplar_inpainter({.iterations = 0}), Error);
    EXPECT_THROW(make_exemplar_inpainter({.min_level_side = 0}), Error);
}

}  // namespace
}  // namespace unflat
