// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/depth.h"

#include <array>
#include <cstddef>
#include <vector>

namespace unflat {

/// The cracks of a map and how they meet at the corners of the pixel grid.
class CrackGrid {
public:
    /// Where one of the two ends of a crack leads.
    struct End {
        enum Kind { Free, Junction, Continued } kind = Free;
        int next = -1;           ///< the crack that continues it
        std::size_t corner = 0;  ///< y * (width + 1) + x
    };

    /// Cracks between neighbours that differ by more than `threshold`, but not on steep slopes, and
    /// those that fill a gap of one crack in a straight run.
    CrackGrid(const cv::Mat_<float>& disparity, float threshold);

    /// All cracks ever found, in raster order of the upper left one of their two pixels, the one
    /// to the right before the one below.
    const std::vector<Crack>& cracks() const { return cracks_; }
    bool is_alive(int crack) const { return alive_[static_cast<std::size_t>(crack)] != 0; }

    /// Takes a crack away.
    void heal(int crack);

    /// Follows a crack at its first (upper or left) or second end. Two cracks follow one another
    /// if no third is there and the near pixels of both are connected around the corner.
    End end(int crack, int which) const;

private:
    enum Cut : std::uint8_t { Right = 1, Down = 2 };

    void find_cuts(const cv::Mat_<float>& disparity, float threshold);
    void close_gaps(const cv::Mat_<float>& disparity, float threshold);
    void list_cracks(const cv::Mat_<float>& disparity);
    cv::Point place(int crack) const;
    bool is_right(int crack) const;
    int find(int x, int y, Cut cut) const;

    cv::Size size_;
    cv::Mat_<std::uint8_t> cuts_;  ///< of the links to the right and below
    std::vector<Crack> cracks_;
    std::vector<std::uint8_t> alive_;
    std::vector<int> row_starts_;  ///< first crack of each row, and the end
};

}  // namespace unflat
