# The primary analysis once more, from the CSV alone: shares by a logistic model, had everybody been given one arm.
# Run it in the folder of the capsule:  Rscript scripts/primary_analysis.R
# It needs R alone. It shares no code with the software that wrote results.json.
score <- "mood"
arm <- "treatment"
reference <- "placebo"
numbers <- setdiff(c("mood"), "") # covariates, each as it was at the baseline
factors <- setdiff(c("centre"), "")
level <- 0.95

data <- read.csv("data.csv", colClasses = "character", na.strings = "", check.names = FALSE)
people <- unique(data$participant)
of <- function(name, timepoint) {
  rows <- data[data$timepoint == timepoint, ]
  rows[[name]][match(people, rows$participant)]
}

after <- as.numeric(of(score, "week_2"))
before <- as.numeric(of(score, "baseline"))
side <- 1 # 1 where a higher score is better, -1 where a lower one is
reaches <- NA # NA where the plan does not ask for it
improves_by <- NA
responds <- if (is.na(reaches) && is.na(improves_by)) after else rep(1, length(people))
if (!is.na(reaches)) responds <- responds * (side * (after - reaches) >= -1e-9)
if (!is.na(improves_by)) responds <- responds * (side * (after - before) >= improves_by - 1e-9)
seen <- !is.na(responds) # everybody of whom it is known, in the arm that they were allocated to

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

arms <- factor(data$arm[match(people, data$participant)][seen])
x <- cbind(model.matrix(~ 0 + arms), covariates)
y <- responds[seen]
settled <- glm.control(epsilon = 1e-14, maxit = 100)
model <- suppressWarnings(glm.fit(x, y, family = binomial(), control = settled))
weights <- model$fitted.values * (1 - model$fitted.values)
inverse <- solve(crossprod(x * sqrt(weights)))
leverage <- rowSums((x %*% inverse) * x) * weights
residuals <- (y - model$fitted.values) / (1 - leverage)^(c(HC2 = 1, HC3 = 2)[["HC3"]] / 2)
one_arm <- function(name) {
  given <- x
  given[, seq_along(levels(arms))] <- matrix(as.numeric(levels(arms) == name), nrow(x), nlevels(arms), byrow = TRUE)
  shares <- plogis(drop(given %*% model$coefficients))
  gradient <- colMeans(shares * (1 - shares) * given)
  moved <- drop((x * residuals) %*% inverse %*% gradient)
  list(risk = mean(shares), parts = (shares - mean(shares)) / length(y) + moved)
}
first <- one_arm(arm)
second <- one_arm(reference)
slope <- switch("risk_difference", risk_difference = function(r) 1, risk_ratio = function(r) 1 / r,
                odds_ratio = function(r) 1 / (r * (1 - r)))
scale <- switch("risk_difference", risk_difference = identity, risk_ratio = log, odds_ratio = qlogis)
back <- if ("risk_difference" == "risk_difference") identity else exp
found <- scale(first$risk) - scale(second$risk)
se <- sqrt(sum((slope(first$risk) * first$parts - slope(second$risk) * second$parts)^2)) # of a ratio, of its logarithm
df <- length(y) - ncol(x)
half <- qt((1 + level) / 2, df) * se

cat(sprintf("%s %.10g\n", c("estimate", "se", "df", "p", "ci_low", "ci_high"),
            c(back(found), se, df, 2 * pt(-abs(found / se), df), back(found - half), back(found + half))), sep = "")
cat(sprintf("n_%s %d\n", names(table(arms)), as.integer(table(arms))), sep = "")
