# Takes five columns of mice::fdd into fdd.csv. Run in this folder: Rscript fdd.R
columns <- c("id", "trt", "prop1", "prop2", "prop3")
write.csv(mice::fdd[, columns], "fdd.csv", row.names = FALSE, na = "", quote = FALSE)
