# What a plan makes of the people made up in complier_effect.json with gaps: who did four exercises received them. Two-stage least
# squares by estimatr::iv_robust and AER::ivreg, whose estimates agree; the interval of Anderson and Rubin by uniroot on the t of
# the arm in lm(y - b d ~ arm + x) with vcovHC. The second set has few who received it.
# Run in this folder: Rscript planned_compliers.R > planned_compliers.json
suppressPackageStartupMessages({ library(AER); library(estimatr); library(sandwich); library(jsonlite) })

d <- as.data.frame(fromJSON("complier_effect.json")$made$data)
d$person <- seq_len(nrow(d))
d$y[d$person %% 9 == 0] <- NA
d$x[d$person %% 13 == 0] <- NA
d$x[is.na(d$x)] <- mean(d$x, na.rm = TRUE) # over everyone randomised

analysis <- function(d, least, type) {
  d$received <- as.numeric(d$d >= least)
  d <- subset(d, !is.na(y))
  theirs <- iv_robust(y ~ received + x | z + x, data = d, se_type = type)
  df <- nrow(d) - 3
  first <- lm(received ~ z + x, d)
  beyond <- function(at) {
    d$r <- d$y - at * d$received
    m <- lm(r ~ z + x, d)
    abs(coef(m)[["z"]]) / sqrt(vcovHC(m, type = type)["z", "z"]) - qt(.975, df)
  }
  b <- theirs$coefficients[["received"]]
  se <- theirs$std.error[["received"]]
  end <- function(side) tryCatch(uniroot(beyond, sort(c(b, b + side * 12 * se)), tol = 1e-15)$root, error = function(e) NA)
  list(n = list(taught = sum(d$z), waiting = sum(1 - d$z)), received = sum(d$received), estimate = b, se = se, df = df,
       p = 2 * pt(-abs(b / se), df), ci = b + c(-1, 1) * qt(.975, df) * se, taken = coef(first)[["z"]],
       f = coef(first)[["z"]]^2 / vcovHC(first, type = type)["z", "z"], ci_weak = c(end(-1), end(1)),
       ivreg = coef(ivreg(y ~ received + x | z + x, data = d))[["received"]])
}

write(toJSON(list(
  made_with = list(R = R.version.string, AER = as.character(packageVersion("AER")),
                   estimatr = as.character(packageVersion("estimatr")), sandwich = as.character(packageVersion("sandwich"))),
  HC3 = analysis(d, 4, "HC3"), HC2 = analysis(d, 4, "HC2"), few = analysis(d, 7, "HC3")),
  auto_unbox = TRUE, digits = NA), stdout())
