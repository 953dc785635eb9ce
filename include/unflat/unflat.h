// SPDX-License-Identifier: MIT
#pragma once

// Everything, in the order in which it is best read.
#include "unflat/asset.h"
#include "unflat/camera.h"
#include "unflat/depth.h"
#include "unflat/error.h"
#include "unflat/inpaint.h"
#include "unflat/io.h"
#include "unflat/ldi.h"
#include "unflat/mesh.h"
#include "unflat/photo.h"
#include "unflat/progress.h"
#include "unflat/render.h"
#include "unflat/scene.h"
