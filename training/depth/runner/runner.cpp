// SPDX-License-Identifier: MIT
// Runs a network in ONNX Runtime for Python (ctypes): the teacher is several times faster in it than
// in PyTorch or OpenCV. One input [1, 3, H, W], any outputs.
#include <array>
#include <cstdint>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include <dlfcn.h>

#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>
#undef ORT_API_MANUAL_INIT

namespace {

struct Runner {
    Ort::Env env;
    Ort::Session session;
    std::vector<Ort::AllocatedStringPtr> names;
    std::string input;
    std::vector<Ort::Value> results;
};

void load(const char* library) {
    using GetApiBase = const OrtApiBase* (*)();
    void* loaded = ::dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!loaded)
        throw std::runtime_error(::dlerror());
    const auto base = reinterpret_cast<GetApiBase>(::dlsym(loaded, "OrtGetApiBase"));
    Ort::InitApi(base()->GetApi(ORT_API_VERSION));
}

Ort::SessionOptions options(int threads) {
    Ort::SessionOptions options;
    options.SetIntraOpNumThreads(threads);
    options.SetInterOpNumThreads(1);
    options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
    return options;
}

Runner* open(const char* library, const char* model, int threads) {
    load(library);
    Ort::Env env(ORT_LOGGING_LEVEL_ERROR, "runner");
    Ort::Session session(env, model, options(threads));
    auto* runner = new Runner{std::move(env), std::move(session), {}, {}, {}};
    const Ort::AllocatorWithDefaultOptions allocator;
    runner->input = runner->session.GetInputNameAllocated(0, allocator).get();
    for (std::size_t i = 0; i < runner->session.GetOutputCount(); ++i)
        runner->names.push_back(runner->session.GetOutputNameAllocated(i, allocator));
    return runner;
}

void run(Runner& runner, float* values, int height, int width) {
    const std::array<std::int64_t, 4> shape{1, 3, height, width};
    const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    const auto count = static_cast<std::size_t>(3) * static_cast<std::size_t>(height) *
                       static_cast<std::size_t>(width);
    const Ort::Value input =
        Ort::Value::CreateTensor<float>(memory, values, count, shape.data(), shape.size());
    const char* input_name = runner.input.c_str();
    std::vector<const char*> outputs;
    for (const auto& name : runner.names)
        outputs.push_back(name.get());
    runner.results = runner.session.Run(Ort::RunOptions{nullptr}, &input_name, &input, 1,
                                        outputs.data(), outputs.size());
}

void say(const char* what, char* error, int size) {
    std::strncpy(error, what, static_cast<std::size_t>(size) - 1);
    error[size - 1] = 0;
}

}  // namespace

extern "C" {

void* runner_open(const char* library, const char* model, int threads, char* error, int size) {
    try {
        return open(library, model, threads);
    } catch (const std::exception& problem) {
        say(problem.what(), error, size);
        return nullptr;
    }
}

// The number of outputs, or -1
int runner_run(void* handle, float* values, int height, int width, char* error, int size) {
    try {
        auto& runner = *static_cast<Runner*>(handle);
        run(runner, values, height, width);
        return static_cast<int>(runner.results.size());
    } catch (const std::exception& problem) {
        say(problem.what(), error, size);
        return -1;
    }
}

// Output i of the last run; valid until the next one. shape: [N, C, H, W]
const float* runner_output(void* handle, int i, std::int64_t* shape) {
    auto& value = static_cast<Runner*>(handle)->results[static_cast<std::size_t>(i)];
    const auto sizes = value.GetTensorTypeAndShapeInfo().GetShape();
    for (std::size_t k = 0; k < 4; ++k)
        shape[k] = k < sizes.size() ? sizes[k] : 1;
    return value.GetTensorData<float>();
}
}
