# The primary analysis once more, from the CSV alone: one odds ratio at every cut of ordered levels, robust errors.
# Run it in the folder of the capsule:  Rscript scripts/primary_analysis.R
# It needs R and its packages MASS and sandwich. It shares no code with the software that wrote results.json.
suppressPackageStartupMessages({ library(MASS); library(sandwich) })

score <- "mood"
arm <- "letter"
reference <- "early_memory"
numbers <- setdiff(c("mood"), "") # covariates, each as it was at the baseline
factors <- setdiff(c("region"), "")
level <- 0.95

data <- read.csv("data.csv", colClasses = "character", na.strings = "", check.names = FALSE)
people <- unique(data$participant)
of <- function(name, timepoint) {
  rows <- data[data$timepoint == timepoint, ]
  rows[[name]][match(people, rows$participant)]
}
outcome <- as.numeric(of(score, "week_2")) # levels count by their order
seen <- !is.na(outcome) # everybody with the outcome, in the arm that they were allocated to

# a covariate that is missing gets the mean of everybody randomised
filled <- function(values) replace(values, is.na(values), mean(values, na.rm = TRUE))
columns <- lapply(setNames(numbers, numbers), function(name) filled(as.numeric(of(name, "baseline"))))
for (name in factors) {
  levels <- of(name, "baseline")
  for (one in sort(unique(levels[seen & !is.na(levels)]), method = "radix")[-1])
    columns[[paste(name, one)]] <- filled(as.numeric(levels == one))
}
covariates <- do.call(cbind, c(list(matrix(0, length(people), 0)), columns))[seen, , drop = FALSE]
varies <- apply(covariates, 2, function(one) diff(range(one)) > 1e-12 * max(abs(one)))
covariates <- covariates[, as.logical(varies), drop = FALSE]

d <- data.frame(grade = factor(outcome[seen], ordered = TRUE))
d$arms <- relevel(factor(data$arm[match(people, data$participant)][seen]), ref = reference)
d$covariates <- scale(covariates) # so that the search is well placed; the odds ratio of the arms is the same
formula <- if (ncol(covariates)) grade ~ arms + covariates else grade ~ arms
model <- polr(formula, d, Hess = TRUE, control = list(reltol = 1e-15, maxit = 1000))
term <- paste0("arms", arm)
estimate <- coef(model)[[term]]
se <- sqrt(sandwich(model, adjust = TRUE)[term, term]) # of the logarithm
half <- qnorm((1 + level) / 2) * se

cat(sprintf("%s %.10g\n", c("estimate", "se", "p", "ci_low", "ci_high"),
            c(exp(estimate), se, 2 * pnorm(-abs(estimate / se)), exp(estimate - half), exp(estimate + half))), sep = "")
cat(sprintf("n_%s %d\n", names(table(d$arms)), as.integer(table(d$arms))), sep = "")
