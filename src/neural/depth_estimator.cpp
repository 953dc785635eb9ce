// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/neural.h"

#include "core/parallel.h"
#include "neural/depth_input.h"
#include "neural/model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <opencv2/imgproc.hpp>

namespace unflat {

namespace {

using Output = DepthConvention::Output;

constexpr std::size_t kInputRank = 4;  // [1, 3, H, W]
constexpr float kMostSqueezed = 1.2F;  // a map's aspect over the photo's; more than that is undone

DepthKind kind_of(Output output) {
    switch (output) {
        case Output::Disparity:
        case Output::LogDisparity:
            return DepthKind::Disparity;
        case Output::Depth:
        case Output::LogDepth:
            return DepthKind::Depth;
        case Output::InverseDepth:
            return DepthKind::InverseDepth;
    }
    return DepthKind::Disparity;
}

bool is_logarithm(Output output) {
    return output == Output::LogDisparity || output == Output::LogDepth;
}

bool has(const Ort::Session& session, const std::string& name, bool input) {
    const Ort::AllocatorWithDefaultOptions allocator;
    const std::size_t count = input ? session.GetInputCount() : session.GetOutputCount();
    for (std::size_t i = 0; i < count; ++i)
        if (name == (input ? session.GetInputNameAllocated(i, allocator)
                           : session.GetOutputNameAllocated(i, allocator))
                        .get())
            return true;
    return false;
}

// What the model's own description says against the card
void check_model(const Ort::Session& session, const NetworkCard& card) {
    const DepthConvention& depth = card.depth;
    if (session.GetInputCount() != 1 || !has(session, depth.input_tensor, true))
        refuse_network(card.name, "it must have one input, called '" + depth.input_tensor + "'");
    if (!has(session, depth.output_tensor, false))
        refuse_network(card.name, "it has no output called '" + depth.output_tensor + "'");
    const Ort::TypeInfo type = session.GetInputTypeInfo(0);
    if (type.GetONNXType() != ONNX_TYPE_TENSOR)
        refuse_network(card.name, "its input is no tensor");
    const auto info = type.GetTensorTypeAndShapeInfo();
    if (info.GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT)
        refuse_network(card.name, "its input is not of 32-bit floats");
    const std::vector<std::int64_t> shape = info.GetShape();
    if (shape.size() != kInputRank || shape[0] > 1 || (shape[1] > 0 && shape[1] != 3))
        refuse_network(card.name, "its input is not [1, 3, H, W]");
    const bool fixed = shape[2] > 0 || shape[3] > 0;
    if (fixed && (shape[2] != depth.height || shape[3] != depth.width))
        refuse_network(card.name, "its input has " + std::to_string(shape[3]) + " x " +
                                      std::to_string(shape[2]) +
                                      " pixels, and its card names another size");
}

class NetworkDepthEstimator final : public DepthEstimator {
public:
    explicit NetworkDepthEstimator(const Network& network)
        : card_(network.card), session_(open_model(network)) {
        check_model(session_, card_);
    }

    DepthMap estimate(const Photo& photo) const override {
        if (photo.rgb.empty())
            throw Error(ErrorKind::InvalidInput, "the photo is empty");
        const cv::Size size = depth_input_size(card_, photo.rgb.size());
        std::array<cv::Mat_<float>, 2> answers;
        parallel_ranges(card_.depth.mirror ? 2 : 1, 1, [&](int i, int) {
            answers[static_cast<std::size_t>(i)] = pass(photo, size, i == 1);
        });
        // The mean of logarithms, if it is these that the network tells: neither outweighs the
        // other
        if (card_.depth.mirror)
            answers[0] = (answers[0] + answers[1]) / 2;
        return {.values = with_aspect_of(photo, decoded(answers[0])),
                .kind = kind_of(card_.depth.output)};
    }

private:
    // What the network says, turned back if the photo was mirrored
    cv::Mat_<float> pass(const Photo& photo, cv::Size size, bool mirrored) const {
        std::vector<float> input = depth_input(card_, photo, size, mirrored);
        cv::Mat_<float> answer = run(input, size);
        if (!mirrored)
            return answer;
        cv::Mat_<float> turned;
        cv::flip(answer, turned, 1);
        return turned;
    }

    cv::Mat_<float> run(std::vector<float>& input, cv::Size size) const {
        const std::array<std::int64_t, kInputRank> shape{
            1, static_cast<std::int64_t>(card_.inputs.size()), size.height, size.width};
        const std::array inputs{card_.depth.input_tensor.c_str()};
        const std::array outputs{card_.depth.output_tensor.c_str()};
        try {
            const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
            const Ort::Value tensor = Ort::Value::CreateTensor<float>(
                memory, input.data(), input.size(), shape.data(), shape.size());
            // Ort::Session::Run is const in effect but not by its signature
            auto& session = const_cast<Ort::Session&>(session_);
            const std::vector<Ort::Value> results =
                session.Run(Ort::RunOptions{nullptr}, inputs.data(), &tensor, 1, outputs.data(), 1);
            return as_map(results[0]);
        } catch (const Ort::Exception& error) {
            refuse_network(card_.name, error);
        }
    }

    // [1, 1, H, W], [1, H, W] or [H, W]
    cv::Mat_<float> as_map(const Ort::Value& value) const {
        const auto info = value.GetTensorTypeAndShapeInfo();
        const std::vector<std::int64_t> shape = info.GetShape();
        if (info.GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT || shape.size() < 2 ||
            shape.size() > kInputRank ||
            std::any_of(shape.begin(), shape.end() - 2, [](std::int64_t n) { return n != 1; }))
            refuse_network(card_.name, "its output is not one map of 32-bit floats");
        const auto rows = static_cast<int>(shape[shape.size() - 2]);
        const auto cols = static_cast<int>(shape[shape.size() - 1]);
        if (rows < 1 || cols < 1)
            refuse_network(card_.name, "its output is empty");
        cv::Mat_<float> map(rows, cols);
        const float* data = value.GetTensorData<float>();
        std::copy(data, data + map.total(), map.begin());
        return map;
    }

    // What is not finite says nothing
    cv::Mat_<float> decoded(cv::Mat_<float> map) const {
        const bool logarithm = is_logarithm(card_.depth.output);
        std::int64_t known = 0;
        for (float& value : map) {
            if (logarithm)
                value = std::exp(value);
            if (!std::isfinite(value))
                value = std::numeric_limits<float>::quiet_NaN();
            known += std::isfinite(value) ? 1 : 0;
        }
        if (known == 0)
            refuse_network(card_.name, "none of the numbers in its output is finite");
        return map;
    }

    // A network that sees all photos as squares answers in squares
    static cv::Mat_<float> with_aspect_of(const Photo& photo, cv::Mat_<float> map) {
        const float aspect =
            static_cast<float>(photo.rgb.cols) / static_cast<float>(photo.rgb.rows);
        const float squeezed = static_cast<float>(map.cols) / static_cast<float>(map.rows) / aspect;
        if (squeezed <= kMostSqueezed && squeezed >= 1 / kMostSqueezed)
            return map;
        // As many pixels as before
        const float width = std::sqrt(static_cast<float>(map.total()) * aspect);
        const cv::Size size{std::max(1, static_cast<int>(std::lround(width))),
                            std::max(1, static_cast<int>(std::lround(width / aspect)))};
        cv::Mat_<float> result;
        cv::resize(map, result, size, 0, 0, cv::INTER_LINEAR);
        return result;
    }

    NetworkCard card_;
    Ort::Session session_;
};

}  // namespace

std::unique_ptr<DepthEstimator> make_depth_estimator(const Network& network) {
    if (network.card.task != NetworkTask::Depth)
        throw Error(ErrorKind::InvalidInput,
                    "the network '" + network.card.name + "' does not tell depth");
    return std::make_unique<NetworkDepthEstimator>(network);
}

}  // namespace unflat
