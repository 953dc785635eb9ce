// SPDX-License-Identifier: MIT
#include "asset/fit_surface.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace unflat {

namespace {

constexpr int kIterations = 12;    // of conjugate gradients: more change nothing that is seen
constexpr double kInertia = 0.02;  // share of a point's weight with which it stays where it was
constexpr int kMostRepairs = 8;

// The samples as equations: what the corners of its face give at a sample's place
class Equations {
public:
    Equations(const Surface& surface, const std::vector<FitSample>& samples) {
        rows_.reserve(samples.size());
        diagonal_.assign(surface.points.size(), 0);
        for (const FitSample& sample : samples) {
            const Surface::Face& face = surface.faces[sample.face];
            const Surface::Point &a = surface.points[face.points[0]],
                                 &b = surface.points[face.points[1]],
                                 &c = surface.points[face.points[2]];
            const auto area = static_cast<double>(doubled_area(a, b, c));
            Row row{face.points,
                    {static_cast<double>(doubled_area(sample.place, b, c)) / area,
                     static_cast<double>(doubled_area(a, sample.place, c)) / area,
                     static_cast<double>(doubled_area(a, b, sample.place)) / area},
                    static_cast<double>(sample.weight)};
            for (std::size_t k = 0; k < 3; ++k)
                diagonal_[row.points[k]] += row.weight * row.shares[k] * row.shares[k];
            rows_.push_back(row);
        }
    }

    std::vector<double> residuals(const Surface& surface,
                                  const std::vector<FitSample>& samples) const {
        std::vector<double> result(rows_.size());
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            result[i] = static_cast<double>(samples[i].place.disparity);
            for (std::size_t k = 0; k < 3; ++k)
                result[i] -= rows_[i].shares[k] *
                             static_cast<double>(surface.points[rows_[i].points[k]].disparity);
        }
        return result;
    }

    // How far the points should move for these residuals, by conjugate gradients
    std::vector<double> solve(const std::vector<double>& residuals) const {
        const std::size_t n = diagonal_.size();
        std::vector<double> x(n), r(n), z(n), p(n), q(n);
        for (std::size_t i = 0; i < rows_.size(); ++i)
            for (std::size_t k = 0; k < 3; ++k)
                r[rows_[i].points[k]] += rows_[i].weight * rows_[i].shares[k] * residuals[i];
        double old = 0;
        for (int round = 0; round < kIterations; ++round) {
            double now = 0;
            for (std::size_t i = 0; i < n; ++i) {
                z[i] = diagonal_[i] > 0 ? r[i] / ((1 + kInertia) * diagonal_[i]) : 0;
                now += r[i] * z[i];
            }
            if (!(now > 0))
                break;
            for (std::size_t i = 0; i < n; ++i)
                p[i] = z[i] + (old > 0 ? now / old : 0) * p[i];
            multiply(p, q);
            double along = 0;
            for (std::size_t i = 0; i < n; ++i)
                along += p[i] * q[i];
            if (!(along > 0))
                break;
            for (std::size_t i = 0; i < n; ++i) {
                x[i] += now / along * p[i];
                r[i] -= now / along * q[i];
            }
            old = now;
        }
        return x;
    }

private:
    struct Row {
        std::array<std::uint32_t, 3> points;
        std::array<double, 3> shares;
        double weight;
    };

    void multiply(const std::vector<double>& p, std::vector<double>& q) const {
        for (std::size_t i = 0; i < q.size(); ++i)
            q[i] = kInertia * diagonal_[i] * p[i];
        for (const Row& row : rows_) {
            const double value =
                row.weight * (row.shares[0] * p[row.points[0]] + row.shares[1] * p[row.points[1]] +
                              row.shares[2] * p[row.points[2]]);
            for (std::size_t k = 0; k < 3; ++k)
                q[row.points[k]] += row.shares[k] * value;
        }
    }

    std::vector<Row> rows_;
    std::vector<double> diagonal_;
};

}  // namespace

void fit_disparity(Surface& surface, const std::vector<FitSample>& samples,
                   const std::vector<std::uint8_t>& may_come_nearer) {
    const Equations equations(surface, samples);
    const std::vector<double> before = equations.residuals(surface, samples);
    const std::vector<double> moves = equations.solve(before);
    const std::vector<Surface::Point> old = surface.points;
    constexpr float kMostChange = 0.5F;  // nothing comes near infinity or the camera
    for (std::size_t i = 0; i < moves.size(); ++i) {
        const float nearest =
            may_come_nearer[i] ? old[i].disparity * (1 + kMostChange) : old[i].disparity;
        surface.points[i].disparity = std::clamp(old[i].disparity + static_cast<float>(moves[i]),
                                                 old[i].disparity * (1 - kMostChange), nearest);
    }
    // Back where a sample would leave its tolerance
    for (int repair = 0; repair <= kMostRepairs; ++repair) {
        const std::vector<double> after = equations.residuals(surface, samples);
        bool is_good = true;
        for (std::size_t i = 0; i < samples.size(); ++i) {
            const auto tolerance = static_cast<double>(samples[i].tolerance);
            if (std::abs(after[i]) <= std::max(tolerance, std::abs(before[i])))
                continue;
            is_good = false;
            for (const std::uint32_t point : surface.faces[samples[i].face].points)
                surface.points[point] = old[point];
        }
        if (is_good)
            return;
    }
    surface.points = old;
}

}  // namespace unflat
