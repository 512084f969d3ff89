# Records the reference numbers of the estimation engine for continuous data.
# Run from anywhere:  Rscript tests/reference/engine.R        (some minutes)
# or with the names of parts:  Rscript tests/reference/engine.R one_group groups bfi

argument <- grep("^--file=", commandArgs(trailingOnly = FALSE), value = TRUE)
here <- if (length(argument)) dirname(normalizePath(sub("^--file=", "", argument[[1]]))) else "tests/reference"
parts <- commandArgs(trailingOnly = TRUE)
if (length(parts) == 0) parts <- c("one_group", "groups", "bfi")

source(file.path(here, "common.R"))
source(file.path(here, "engine_common.R"))
for (part in parts) source(file.path(here, paste0("engine_", part, ".R")))
