# fdd by a mixed model for repeated measures: gls, REML, unstructured; the baseline has a line at each timepoint.
# Run in this folder: Rscript fdd_repeated.R > fdd_repeated.json
suppressPackageStartupMessages({ library(nlme); library(jsonlite) })

wide <- read.csv("fdd.csv")
wide$id <- seq_len(nrow(wide))
# a missing baseline is filled in with the mean of everyone randomised
wide$prop1[is.na(wide$prop1)] <- mean(wide$prop1, na.rm = TRUE)
long <- reshape(wide[c("id", "trt", "prop1", "prop2", "prop3")], direction = "long", varying = c("prop2", "prop3"),
                v.names = "y", timevar = "t", idvar = "id")
long <- long[!is.na(long$y), ]
long <- long[order(long$id, long$t), ]
long$t <- factor(long$t)
model <- gls(y ~ t:trt - 1 + t:prop1, long, correlation = corSymm(form = ~ as.integer(t) | id),
             weights = varIdent(form = ~ 1 | t), method = "REML",
             control = glsControl(maxIter = 500, msMaxIter = 2000, tolerance = 1e-12, msTol = 1e-14, apVar = FALSE))
arms <- sort(unique(as.character(wide$trt)))
v <- vcov(model); b <- coef(model)
at <- function(t) {
  c <- as.numeric(names(b) == sprintf("t%d:trt%s", t, arms[2])) - as.numeric(names(b) == sprintf("t%d:trt%s", t, arms[1]))
  stopifnot(sum(c != 0) == 2)
  list(estimate = sum(c * b), se = sqrt(as.numeric(t(c) %*% v %*% c)))
}
write(toJSON(list(
  made_with = list(R = R.version.string, nlme = as.character(packageVersion("nlme"))),
  contrast = rev(arms), n = as.list(table(wide$trt[wide$id %in% long$id])), log_likelihood = as.numeric(logLik(model)),
  prop2 = at(1), prop3 = at(2)), auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
