# Records the reference numbers for one-group analyses of continuous data.
# Run from anywhere:  Rscript tests/reference/continuous.R

argument <- grep("^--file=", commandArgs(trailingOnly = FALSE), value = TRUE)
here <- if (length(argument)) dirname(normalizePath(sub("^--file=", "", argument[[1]]))) else "tests/reference"

source(file.path(here, "common.R"))
source(file.path(here, "record_models.R"))
source(file.path(here, "record_reliability.R"))
source(file.path(here, "record_validity.R"))
source(file.path(here, "record_scores.R"))
