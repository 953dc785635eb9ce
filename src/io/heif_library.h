// SPDX-License-Identifier: MIT
// HEIC and AVIF. libheif brings two video codecs along, which would take 8 ms of every start of the
// program: it is loaded when the first such file is read.
#pragma once

#include "io/picture.h"

#include <memory>

#include <dlfcn.h>
#include <libheif/heif.h>

namespace unflat {

// The functions of libheif that are used, with the types that its header gives them
struct HeifLibrary {
#define UNFLAT_HEIF_FUNCTION(name) \
    decltype(&::heif_##name) name = load<decltype(&::heif_##name)>("heif_" #name)
    void* handle = ::dlopen("libheif.so.1", RTLD_NOW | RTLD_LOCAL);
    template <typename Function>
    Function load(const char* name) const {
        return handle ? reinterpret_cast<Function>(::dlsym(handle, name)) : nullptr;
    }
    UNFLAT_HEIF_FUNCTION(context_alloc);
    UNFLAT_HEIF_FUNCTION(context_free);
    UNFLAT_HEIF_FUNCTION(context_read_from_memory_without_copy);
    UNFLAT_HEIF_FUNCTION(context_get_primary_image_handle);
    UNFLAT_HEIF_FUNCTION(context_get_image_handle);
    UNFLAT_HEIF_FUNCTION(image_handle_release);
    UNFLAT_HEIF_FUNCTION(image_handle_get_width);
    UNFLAT_HEIF_FUNCTION(image_handle_get_height);
    UNFLAT_HEIF_FUNCTION(image_handle_get_ispe_width);
    UNFLAT_HEIF_FUNCTION(image_handle_get_ispe_height);
    UNFLAT_HEIF_FUNCTION(image_handle_has_alpha_channel);
    UNFLAT_HEIF_FUNCTION(image_handle_get_luma_bits_per_pixel);
    UNFLAT_HEIF_FUNCTION(image_handle_get_list_of_metadata_block_IDs);
    UNFLAT_HEIF_FUNCTION(image_handle_get_metadata_size);
    UNFLAT_HEIF_FUNCTION(image_handle_get_metadata);
    UNFLAT_HEIF_FUNCTION(image_handle_get_metadata_content_type);
    UNFLAT_HEIF_FUNCTION(image_handle_get_raw_color_profile_size);
    UNFLAT_HEIF_FUNCTION(image_handle_get_raw_color_profile);
    UNFLAT_HEIF_FUNCTION(image_handle_get_nclx_color_profile);
    UNFLAT_HEIF_FUNCTION(nclx_color_profile_free);
    UNFLAT_HEIF_FUNCTION(image_handle_get_list_of_depth_image_IDs);
    UNFLAT_HEIF_FUNCTION(image_handle_get_depth_image_handle);
    UNFLAT_HEIF_FUNCTION(image_handle_get_depth_image_representation_info);
    UNFLAT_HEIF_FUNCTION(depth_representation_info_free);
    UNFLAT_HEIF_FUNCTION(decoding_options_alloc);
    UNFLAT_HEIF_FUNCTION(decoding_options_free);
    UNFLAT_HEIF_FUNCTION(decode_image);
    UNFLAT_HEIF_FUNCTION(image_release);
    UNFLAT_HEIF_FUNCTION(image_get_width);
    UNFLAT_HEIF_FUNCTION(image_get_height);
    UNFLAT_HEIF_FUNCTION(image_get_bits_per_pixel_range);
    UNFLAT_HEIF_FUNCTION(image_get_plane_readonly);
#undef UNFLAT_HEIF_FUNCTION
    // The newest of them: where it is, all are
    bool is_usable() const {
        return handle && image_handle_get_ispe_width;
    }
};

/// The library, loaded. @throws Malformed where it is not installed
const HeifLibrary& heif();

template <typename Handle>
using HeifOwner = std::unique_ptr<Handle, void (*)(Handle*)>;
using HeifContext = HeifOwner<heif_context>;
using HeifImageHandle =
    std::unique_ptr<const heif_image_handle, void (*)(const heif_image_handle*)>;
using HeifImage = std::unique_ptr<const heif_image, void (*)(const heif_image*)>;

/// @throws Malformed if libheif could not do it
void check(const heif_error& error);

/// A file opened; `bytes` must outlive it. @throws Malformed
HeifContext open_heif(Bytes bytes);

/// The picture that is the photo: the primary one, of a stereo pair the left one.
HeifImageHandle photo_image(heif_context* context, Bytes bytes);

}  // namespace unflat
