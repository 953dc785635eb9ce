// SPDX-License-Identifier: MIT
#include "unflat/error.h"
#include "unflat/io.h"

// Any bytes may be refused; none may crash, hang or give a mesh that cannot be drawn.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    try {
        const unflat::StoredAsset stored =
            unflat::decode_asset(std::as_bytes(std::span(data, size)), "fuzz");
        const unflat::Mesh& mesh = stored.asset.mesh;
        for (const auto& triangle : mesh.triangles)
            for (const std::uint32_t vertex : triangle)
                if (vertex >= mesh.positions.size())
                    __builtin_trap();
        if (mesh.uvs.size() != mesh.positions.size() || mesh.atlas.empty())
            __builtin_trap();
    } catch (const unflat::Error& error) {
        if (error.kind() != unflat::ErrorKind::Unreadable)
            __builtin_trap();
    }
    return 0;
}
