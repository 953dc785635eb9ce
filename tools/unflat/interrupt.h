// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

namespace unflat::program {

/// Starts to turn SIGINT, SIGTERM and SIGHUP into a wish to stop, which stages ask for through
/// Progress. Must run before any other thread exists, so that all of them leave the signals to
/// the one that waits here. Where a stage does not answer in time, that thread removes this
/// process's partial files and ends it with status 5.
void watch_signals();

/// True once a signal has come.
bool stop_requested();

/// Names a folder in which this process writes, for the clean-up of watch_signals().
/// @param created it was made by this process and goes again if it stays empty.
void watch_folder(const std::filesystem::path& folder, bool created);

/// Removes the watched folders that this process made and left empty.
void remove_empty_folders();

}  // namespace unflat::program
