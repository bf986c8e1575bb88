# Proportions as a plan compares them (risks.R). Month 4 of HSAUR3::respiratory, adjusted for status at the start and
# centre; and of fdd.csv who gained ten points or more from prop1 to prop2, adjusted for prop1.
# Writes respiratory.csv. Run in this folder: Rscript respiratory.R > respiratory.json
suppressPackageStartupMessages({ library(HSAUR3); library(jsonlite) })
source("risks.R")

data("respiratory", package = "HSAUR3")
start <- respiratory[respiratory$month == "0", ]
end <- respiratory[respiratory$month == "4", ]
end <- end[match(start$subject, end$subject), ]
people <- data.frame(id = as.integer(as.character(start$subject)), centre = as.integer(as.character(start$centre)),
                     treatment = as.character(start$treatment), before = as.numeric(start$status == "good"),
                     after = as.numeric(end$status == "good"))
people <- people[order(people$id), ]
write.csv(people, "respiratory.csv", row.names = FALSE, quote = FALSE)

fdd <- read.csv("fdd.csv")
fdd <- fdd[!is.na(fdd$prop1) & !is.na(fdd$prop2), ]
fdd$gained <- as.numeric(fdd$prop1 - fdd$prop2 >= 10)

write(toJSON(list(
  made_with = list(R = R.version.string, HSAUR3 = as.character(packageVersion("HSAUR3")),
                   numDeriv = as.character(packageVersion("numDeriv"))),
  analyses = list(
    respiratory = risks_of(after ~ arm + before + factor(centre), people, "treatment", "treatment", "placebo"),
    fdd = risks_of(gained ~ arm + prop1, fdd, "trt", "C", "E"))),
  auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
