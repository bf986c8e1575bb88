# The primary analysis once more, from the CSV alone: the mean change from baseline of a single arm.
# Run it in the folder of the capsule:  Rscript scripts/primary_analysis.R
# It needs R and no package. It shares no code with the software that wrote results.json.
data <- read.csv("@data@", colClasses = "character", na.strings = "", check.names = FALSE)
people <- unique(data$participant)
at <- function(timepoint) {
  rows <- data[data$timepoint == timepoint, ]
  as.numeric(rows[["@score@"]][match(people, rows$participant)])
}
change <- at("@timepoint@") - at("@baseline@")
change <- change[!is.na(change)]
test <- t.test(change, conf.level = @level@)

cat(sprintf("%s %.10g\n", c("estimate", "se", "df", "p", "ci_low", "ci_high"),
            c(mean(change), sd(change) / sqrt(length(change)), test$parameter, test$p.value, test$conf.int)), sep = "")
cat(sprintf("n_%s %d\n", "@arm@", length(change)))
