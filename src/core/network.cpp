// SPDX-License-Identifier: MIT
#include "unflat/network.h"

namespace unflat {

std::string_view task_name(NetworkTask task) {
    switch (task) {
        case NetworkTask::InpaintEdge:
            return "inpaint-edge";
        case NetworkTask::InpaintDepth:
            return "inpaint-depth";
        case NetworkTask::InpaintColor:
            return "inpaint-color";
        case NetworkTask::Depth:
            return "depth";
    }
    return "";
}

}  // namespace unflat
