// SPDX-License-Identifier: MIT
#include "neural/runtime.h"

#include "unflat/error.h"

#include <array>

#include <dlfcn.h>

namespace unflat {

namespace {

// Where it was found when this was built, beside the installed program, where the system has it
constexpr std::array kPlaces{UNFLAT_ONNXRUNTIME_LIBRARY, "$ORIGIN/../lib/libonnxruntime.so.1",
                             "libonnxruntime.so.1", "libonnxruntime.so"};

using GetApiBase = const OrtApiBase* (*)();

const OrtApi* find_api() {
    bool found = false;
    for (const char* place : kPlaces) {
        void* library = ::dlopen(place, RTLD_NOW | RTLD_LOCAL);
        if (!library)
            continue;
        found = true;
        const auto base = reinterpret_cast<GetApiBase>(::dlsym(library, "OrtGetApiBase"));
        if (const OrtApi* api = base ? base()->GetApi(ORT_API_VERSION) : nullptr)
            return api;
    }
    throw Error(ErrorKind::Unsupported,
                std::string("networks cannot be run: ONNX Runtime ") +
                    (found ? "is older than" : "cannot be loaded; needed is") + " 1." +
                    std::to_string(ORT_API_VERSION));
}

void ORT_API_CALL say_nothing(void*, OrtLoggingLevel, const char*, const char*, const char*,
                              const char*) {}

}  // namespace

const Ort::Env& runtime() {
    // Never destroyed: its libraries may be gone before a destructor at the program's end
    static const Ort::Env& env = *[] {
        Ort::InitApi(find_api());
        auto* made = new Ort::Env(ORT_LOGGING_LEVEL_FATAL, "unflat", say_nothing, nullptr);
        made->DisableTelemetryEvents();
        return made;
    }();
    return env;
}

}  // namespace unflat
