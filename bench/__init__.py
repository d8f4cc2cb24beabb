"""Speed of the emulator as ratios to a bare aiohttp server that is measured in the same run."""
