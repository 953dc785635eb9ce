// SPDX-License-Identifier: MIT
#include "neural/session.h"

#include "neural/model.h"

#include <array>
#include <cstdint>
#include <string>

namespace unflat {

namespace {

constexpr const char* kInput = "input";
constexpr const char* kOutput = "output";
constexpr std::size_t kRank = 4;  // [N, C, H, W]

// `type` is that of the input or output called `name`
void check_end(const std::string& network, const std::string& name, const Ort::TypeInfo& type,
               int channels) {
    if (type.GetONNXType() != ONNX_TYPE_TENSOR)
        refuse_network(network, "'" + name + "' is no tensor");
    const auto info = type.GetTensorTypeAndShapeInfo();
    if (info.GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT)
        refuse_network(network, "'" + name + "' is not of 32-bit floats");
    const std::vector<std::int64_t> shape = info.GetShape();
    if (shape.size() != kRank)
        refuse_network(network, "'" + name + "' has " + std::to_string(shape.size()) +
                                    " dimensions instead of [N, C, H, W]");
    if (shape[1] > 0 && shape[1] != channels)
        refuse_network(network, "'" + name + "' has " + std::to_string(shape[1]) +
                                    " channels and by the card " + std::to_string(channels));
    if (name == kInput && (shape[0] > 0 || shape[2] > 0 || shape[3] > 0))
        refuse_network(network, "its number, height and width of inputs must be free");
}

}  // namespace

struct Session::Impl {
    std::string name;
    Ort::Session session;
};

Session::Session(const Network& network, int output_channels)
    : input_channels_(static_cast<int>(network.card.inputs.size())),
      output_channels_(output_channels) {
    const std::string& name = network.card.name;
    try {
        impl_ = std::make_unique<Impl>(Impl{name, open_model(network)});
        const Ort::Session& session = impl_->session;
        if (session.GetInputCount() != 1 || session.GetOutputCount() != 1)
            refuse_network(name, "it must have one input and one output");
        const Ort::AllocatorWithDefaultOptions allocator;
        if (session.GetInputNameAllocated(0, allocator).get() != std::string(kInput) ||
            session.GetOutputNameAllocated(0, allocator).get() != std::string(kOutput))
            refuse_network(name, "its input must be called 'input' and its output 'output'");
        check_end(name, kInput, session.GetInputTypeInfo(0), input_channels_);
        check_end(name, kOutput, session.GetOutputTypeInfo(0), output_channels_);
    } catch (const Ort::Exception& error) {
        refuse_network(name, error);
    }
}

Session::~Session() = default;
Session::Session(Session&&) noexcept = default;

std::vector<float> Session::run(std::span<const float> input, int count, cv::Size size) const {
    const std::array<std::int64_t, kRank> shape{count, input_channels_, size.height, size.width};
    try {
        const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
        // The interface wants what it only reads to be writable
        const Ort::Value tensor = Ort::Value::CreateTensor<float>(
            memory, const_cast<float*>(input.data()), input.size(), shape.data(), shape.size());
        const std::array inputs{kInput};
        const std::array outputs{kOutput};
        std::vector<Ort::Value> results = impl_->session.Run(
            Ort::RunOptions{nullptr}, inputs.data(), &tensor, 1, outputs.data(), 1);
        const std::vector<std::int64_t> given = results[0].GetTensorTypeAndShapeInfo().GetShape();
        const std::vector<std::int64_t> expected{count, output_channels_, size.height, size.width};
        if (given != expected)
            refuse_network(impl_->name, "its output has another size than its input");
        const float* data = results[0].GetTensorData<float>();
        return {data, data + static_cast<std::size_t>(count) *
                                 static_cast<std::size_t>(output_channels_) *
                                 static_cast<std::size_t>(size.area())};
    } catch (const Ort::Exception& error) {
        refuse_network(impl_->name, error);
    }
}

}  // namespace unflat
