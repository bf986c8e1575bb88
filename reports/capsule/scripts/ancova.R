# The primary analysis once more, from the CSV alone: analysis of covariance with robust errors.
# Run it in the folder of the capsule:  Rscript scripts/primary_analysis.R
# It needs R and its package sandwich. It shares no code with the software that wrote results.json.
suppressPackageStartupMessages(library(sandwich))

score <- "@score@"
arm <- "@arm@"
reference <- "@reference@"
numbers <- setdiff(c("@numbers@"), "") # covariates, each as it was at the baseline
factors <- setdiff(c("@factors@"), "")
level <- @level@

data <- read.csv("@data@", colClasses = "character", na.strings = "", check.names = FALSE)
people <- unique(data$participant)
of <- function(name, timepoint) {
  rows <- data[data$timepoint == timepoint, ]
  rows[[name]][match(people, rows$participant)]
}
outcome <- as.numeric(of(score, "@timepoint@"))
seen <- !is.na(outcome) # everybody with the outcome, in the arm that they were allocated to

# a covariate that is missing gets the mean of everybody randomised
filled <- function(values) replace(values, is.na(values), mean(values, na.rm = TRUE))
columns <- lapply(setNames(numbers, numbers), function(name) filled(as.numeric(of(name, "@baseline@"))))
for (name in factors) {
  levels <- of(name, "@baseline@")
  for (one in sort(unique(levels[seen & !is.na(levels)]), method = "radix")[-1])
    columns[[paste(name, one)]] <- filled(as.numeric(levels == one))
}
if ("@metric@" == "change") outcome <- outcome - columns[[score]]
covariates <- do.call(cbind, columns)[seen, , drop = FALSE]
varies <- apply(covariates, 2, function(one) diff(range(one)) > 1e-12 * max(abs(one)))
covariates <- covariates[, varies, drop = FALSE]

arms <- relevel(factor(data$arm[match(people, data$participant)][seen]), ref = reference)
model <- if (ncol(covariates)) lm(outcome[seen] ~ arms + covariates) else lm(outcome[seen] ~ arms)
term <- paste0("arms", arm)
estimate <- unname(coef(model)[term])
se <- sqrt(vcovHC(model, type = "@covariance@")[term, term])
df <- model$df.residual
half <- qt((1 + level) / 2, df) * se

cat(sprintf("%s %.10g\n", c("estimate", "se", "df", "p", "ci_low", "ci_high"),
            c(estimate, se, df, 2 * pt(-abs(estimate / se), df), estimate - half, estimate + half)), sep = "")
cat(sprintf("n_%s %d\n", names(table(arms)), as.integer(table(arms))), sep = "")
