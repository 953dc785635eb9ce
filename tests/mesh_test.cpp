// SPDX-License-Identifier: MIT
#include "unflat/mesh.h"

#include <gtest/gtest.h>

#include "scenes.h"

namespace unflat {
namespace {

TEST(Mesh, WithoutErrorEveryPixelHasTwoTriangles) {
    const Photo photo = waves({12, 9});
    const Mesh mesh = build_mesh(lift(photo, plane({12, 9}, 1), {.size = {12, 9}}), {.error = 0});
    EXPECT_EQ(mesh.triangles.size(), 2U * 12 * 9);
    EXPECT_EQ(mesh.positions.size(), 13U * 10);
}

}  // namespace
}  // namespace unflat
