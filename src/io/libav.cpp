// SPDX-License-Identifier: MIT
#include "io/libav.h"

#include "unflat/error.h"

#include <string>

#include <dlfcn.h>

namespace unflat {

namespace {

[[noreturn]] void fail_to_load(const std::string& what) {
    throw Error(ErrorKind::Unsupported,
                "cannot write videos: " + what + "; on Debian the packages libavformat" +
                    std::to_string(LIBAVFORMAT_VERSION_MAJOR) + " and libavcodec" +
                    std::to_string(LIBAVCODEC_VERSION_MAJOR) + " are needed");
}

/// One shared library; never unloaded, since its threads may outlive any owner.
class SharedLibrary {
public:
    SharedLibrary(const char* name, int major_version)
        : name_(std::string(name) + ".so." + std::to_string(major_version)),
          handle_(::dlopen(name_.c_str(), RTLD_NOW | RTLD_LOCAL)) {
        if (!handle_)
            fail_to_load(name_ + " cannot be loaded");
    }

    template <typename Function>
    void find(Function& function, const char* function_name) const {
        function = reinterpret_cast<Function>(::dlsym(handle_, function_name));
        if (!function)
            fail_to_load(name_ + " has no function " + function_name);
    }

private:
    std::string name_;
    void* handle_ = nullptr;
};

void load_codec(LibAv& av) {
    const SharedLibrary library("libavcodec", LIBAVCODEC_VERSION_MAJOR);
    library.find(av.avcodec_alloc_context3, "avcodec_alloc_context3");
    library.find(av.avcodec_find_encoder_by_name, "avcodec_find_encoder_by_name");
    library.find(av.avcodec_free_context, "avcodec_free_context");
    library.find(av.avcodec_open2, "avcodec_open2");
    library.find(av.avcodec_parameters_from_context, "avcodec_parameters_from_context");
    library.find(av.avcodec_receive_packet, "avcodec_receive_packet");
    library.find(av.avcodec_send_frame, "avcodec_send_frame");
    library.find(av.av_packet_alloc, "av_packet_alloc");
    library.find(av.av_packet_free, "av_packet_free");
    library.find(av.av_packet_rescale_ts, "av_packet_rescale_ts");
}

void load_format(LibAv& av) {
    const SharedLibrary library("libavformat", LIBAVFORMAT_VERSION_MAJOR);
    library.find(av.avformat_alloc_output_context2, "avformat_alloc_output_context2");
    library.find(av.avformat_free_context, "avformat_free_context");
    library.find(av.avformat_new_stream, "avformat_new_stream");
    library.find(av.avformat_write_header, "avformat_write_header");
    library.find(av.av_interleaved_write_frame, "av_interleaved_write_frame");
    library.find(av.av_write_trailer, "av_write_trailer");
    library.find(av.avio_closep, "avio_closep");
    library.find(av.avio_open, "avio_open");
}

void load_util(LibAv& av) {
    const SharedLibrary library("libavutil", LIBAVUTIL_VERSION_MAJOR);
    library.find(av.av_dict_free, "av_dict_free");
    library.find(av.av_dict_set, "av_dict_set");
    library.find(av.av_frame_alloc, "av_frame_alloc");
    library.find(av.av_frame_free, "av_frame_free");
    library.find(av.av_frame_get_buffer, "av_frame_get_buffer");
    library.find(av.av_frame_make_writable, "av_frame_make_writable");
    library.find(av.av_log_set_level, "av_log_set_level");
    library.find(av.av_strerror, "av_strerror");
}

LibAv load() {
    LibAv av;
    load_codec(av);
    load_format(av);
    load_util(av);
    av.av_log_set_level(AV_LOG_QUIET);
    return av;
}

}  // namespace

const LibAv& libav() {
    static const LibAv av = load();
    return av;
}

}  // namespace unflat
