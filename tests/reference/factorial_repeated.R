# A made-up factorial trial with three visits and gaps: effects of both factors, their interaction and each factor's effect at
# either level of the other, at each visit, as combinations of the means of the four arms in a model of repeated outcomes;
# and the same with the baseline among the outcomes.
# Run in this folder: Rscript factorial_repeated.R > factorial_repeated.json
suppressPackageStartupMessages(library(jsonlite))
source("restricted.R")
set.seed(20261128)

cells <- c("kind_yes", "kind_no", "plain_yes", "plain_no")
n <- 72
wide <- data.frame(id = seq_len(n), arm = rep(cells, n / 4))
level <- rnorm(n)
wide$baseline <- round(14 + 3 * level + rnorm(n, sd = 2), 1)
for (t in 1:3) wide[[paste0("y", t)]] <- round(13 - .4 * t - .5 * t * grepl("kind", wide$arm) - .3 * t * grepl("yes", wide$arm) -
  .4 * t * (wide$arm == "kind_yes") + 3 * level + rnorm(n, sd = 1.5 + .4 * t), 1)
gone <- runif(n)
wide$y3[gone < .25] <- NA
wide$y2[gone < .12 | (gone > .9)] <- NA
wide$y1[gone > .8 & gone < .86] <- NA

long_of <- function(columns, times) {
  long <- reshape(wide, direction = "long", varying = columns, v.names = "y", timevar = "t", times = times, idvar = "id")
  long <- long[!is.na(long$y), ]
  long[order(long$id, long$t), ]
}
terms <- unlist(lapply(1:3, function(t) sprintf("t%d_%s", t, cells)))
with_terms <- function(long) {
  for (t in 1:3) for (cell in cells) long[[sprintf("t%d_%s", t, cell)]] <- as.numeric(long$t == t & long$arm == cell)
  long$first <- as.numeric(long$t == 0)
  long$t <- factor(long$t)
  long
}
after <- with_terms(long_of(paste0("y", 1:3), 1:3))
whole <- with_terms(long_of(c("baseline", paste0("y", 1:3)), 0:3))

signs <- list(mail = c(.5, .5, -.5, -.5), call = c(.5, -.5, .5, -.5), interaction = c(1, -1, -1, 1),
              mail_at_yes = c(1, 0, -1, 0), mail_at_no = c(0, 1, 0, -1), call_at_kind = c(1, -1, 0, 0),
              call_at_plain = c(0, 0, 1, -1))
effects <- function(names) unlist(lapply(1:3, function(t) setNames(lapply(signs, function(sign) {
  weights <- numeric(length(names))
  weights[match(sprintf("t%d_%s", t, cells), names)] <- sign
  weights
}), sprintf("y%d_%s", t, names(signs)))), recursive = FALSE)

own <- as.formula(paste("y ~ 0 +", paste(terms, collapse = " + "), "+ t:baseline"))
constrained <- as.formula(paste("y ~ 0 + first +", paste(terms, collapse = " + ")))
packages <- c("nlme", "lme4", "pbkrtest", "numDeriv")
write(toJSON(list(
  made_with = c(list(R = R.version.string),
                setNames(lapply(packages, function(p) as.character(packageVersion(p))), packages)),
  data = wide, mmrm = judged(own, after, effects), clda = judged(constrained, whole, effects)),
  auto_unbox = TRUE, digits = NA), stdout())
