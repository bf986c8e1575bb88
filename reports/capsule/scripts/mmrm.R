# The primary analysis once more, from the CSV alone: a model of every visit, with one covariance of visits for all.
# Run it in the folder of the capsule:  Rscript scripts/primary_analysis.R
# It needs R and its package nlme. It shares no code with the software that wrote results.json. The error is that of
# the model; what is not in nlme, the degrees of freedom by Satterthwaite, is not made again here.
suppressPackageStartupMessages(library(nlme))

score <- "@score@"
arm <- "@arm@"
reference <- "@reference@"
numbers <- setdiff(c("@numbers@"), "") # covariates, each as it was at the baseline
factors <- setdiff(c("@factors@"), "")

data <- read.csv("@data@", colClasses = "character", na.strings = "", check.names = FALSE)
people <- unique(data$participant)
of <- function(name, timepoint) {
  rows <- data[data$timepoint == timepoint, ]
  rows[[name]][match(people, rows$participant)]
}

visits <- c("@visits@")
values <- sapply(visits, function(visit) as.numeric(of(score, visit)))
seen <- rowSums(!is.na(values)) > 0 # everybody with the outcome at any visit, in the arm that they were allocated to

# a covariate that is missing gets the mean of everybody randomised
filled <- function(values) replace(values, is.na(values), mean(values, na.rm = TRUE))
columns <- lapply(setNames(numbers, numbers), function(name) filled(as.numeric(of(name, "@baseline@"))))
for (name in factors) {
  levels <- of(name, "@baseline@")
  for (one in sort(unique(levels[seen & !is.na(levels)]), method = "radix")[-1])
    columns[[paste(name, one)]] <- filled(as.numeric(levels == one))
}
covariates <- do.call(cbind, c(list(matrix(0, length(people), 0)), columns))[seen, , drop = FALSE]
varies <- apply(covariates, 2, function(one) diff(range(one)) > 1e-12 * max(abs(one)))
covariates <- covariates[, as.logical(varies), drop = FALSE]

arms <- factor(data$arm[match(people, data$participant)][seen])
each <- cbind(model.matrix(~ 0 + arms), covariates)
long <- data.frame(person = rep(seq_len(nrow(each)), length(visits)), visit = rep(seq_along(visits), each = nrow(each)))
long$y <- c(values[seen, ])
design <- do.call(cbind, lapply(seq_along(visits), function(visit) each[long$person, ] * (long$visit == visit)))
known <- !is.na(long$y)
long <- long[known, ]
long$x <- design[known, ]
long$at <- factor(long$visit)
fitted <- gls(y ~ 0 + x, data = long, method = "REML", correlation = corSymm(form = ~ visit | person),
              weights = varIdent(form = ~ 1 | at),
              control = glsControl(maxIter = 500, msMaxIter = 2000, tolerance = 1e-10, msTol = 1e-13))
place <- (match("@timepoint@", visits) - 1) * ncol(each) + match(c(arm, reference), levels(arms))
weight <- replace(numeric(ncol(design)), place, c(1, -1))

cat(sprintf("%s %.10g\n", c("estimate", "se"),
            c(sum(weight * coef(fitted)), sqrt(drop(weight %*% vcov(fitted) %*% weight)))), sep = "")
cat(sprintf("n_%s %d\n", names(table(arms)), as.integer(table(arms))), sep = "")
