// SPDX-License-Identifier: MIT
#pragma once

#include "unflat/depth.h"
#include "unflat/inpaint.h"
#include "unflat/network.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace unflat::program {

struct CommonOptions;

/// A folder with a card, and what is wrong with it, if anything.
struct FoundNetwork {
    std::filesystem::path folder;
    std::optional<NetworkCard> card;  ///< nothing if it cannot be read
    std::string problem;              ///< one sentence; empty: usable
};

/// The networks of a models folder.
struct FoundNetworks {
    std::filesystem::path folder;  ///< where they are, or where all was looked for in vain; may be
                                   ///< empty
    std::vector<FoundNetwork> networks;
    std::vector<FoundNetwork> outside;  ///< of other people, used by name only; mostly a card alone

    /// The one for a task: the first by name, usable or not; null if there is none.
    const FoundNetwork* find(NetworkTask task) const;
    /// The one called `name`, ours or from outside; null if there is none.
    const FoundNetwork* find(NetworkTask task, const std::string& name) const;
    /// Why these are not enough to fill with, one sentence; empty if they are: colour must come
    /// from a network, and none that would be used may be broken.
    std::string lack() const;
};

/// Looks into the folder given, else into UNFLAT_MODELS, beside the program, and into the source
/// tree: the first that holds a network.
/// @param thoroughly models are read and tried, not only their cards.
FoundNetworks find_networks_in(const std::filesystem::path& given, bool thoroughly);

/// The networks that --fill asks for.
struct ChosenNetworks {
    std::unique_ptr<Inpainter> inpainter;  ///< null: the fill needs none, or there are none
    std::vector<std::string> names;        ///< of the networks that it uses
    std::string note;                      ///< why auto has none; empty: nothing to be said
};

/// Depth that a network told of a photo.
struct EstimatedDepth {
    DepthMap depth;
    std::string network;  ///< its name
};

/// Depth from the photo alone, by --depth-network or else by the network that comes with unflat.
/// @throws Error{Unsupported} if the network cannot be had.
EstimatedDepth estimate_depth(const Photo& photo, const CommonOptions& options);

/// @throws Error{Unsupported} if networks are asked for by name and cannot be used.
ChosenNetworks choose_networks(const CommonOptions& options);

}  // namespace unflat::program
