# Two-stage least squares: AER::ivreg with sandwich::vcovHC, and estimatr::iv_robust. The data are the counts of the
# vitamin A trial of Sommer and Zeger (1991), and people made up with a fixed seed, a dose and a covariate.
# The interval of Anderson and Rubin by uniroot on the t of the arm in lm(y - b d ~ arm + x) with vcovHC.
# Run in this folder: Rscript complier_effect.R > complier_effect.json
suppressPackageStartupMessages({ library(AER); library(estimatr); library(sandwich); library(jsonlite) })

kinds <- c(classical = "const", HC0 = "HC0", HC1 = "HC1", HC2 = "HC2", HC3 = "HC3")

analysis <- function(d, with, level = .95, whole = FALSE) {
  right <- if (with) " + x" else ""
  fit <- ivreg(as.formula(paste0("y ~ d", right, " | z", right)), data = d)
  first <- lm(as.formula(paste0("d ~ z", right)), d)
  se <- lapply(kinds, function(k) sqrt(vcovHC(fit, type = k)["d", "d"]))
  f <- lapply(kinds, function(k) coef(first)[["z"]]^2 / vcovHC(first, type = k)["z", "z"])
  theirs <- lapply(c(classical = "classical", HC0 = "HC0", HC1 = "HC1", HC2 = "HC2", HC3 = "HC3"), function(k)
    iv_robust(as.formula(paste0("y ~ d", right, " | z", right)), data = d, se_type = k)$std.error[["d"]])
  b <- coef(fit)[["d"]]
  df <- df.residual(fit)
  beyond <- function(at) {
    d$r <- d$y - at * d$d
    m <- lm(as.formula(paste0("r ~ z", right)), d)
    abs(coef(m)[["z"]]) / sqrt(vcovHC(m, type = "HC2")["z", "z"]) - qt((1 + level) / 2, df)
  }
  weak <- if (whole) sapply(c(-1, 1), function(side) uniroot(beyond, sort(c(b, b + side * 12 * se$HC2)), tol = 1e-15)$root)
  list(estimate = b, df = df, se = se, estimatr = theirs, first_stage = coef(first)[["z"]], f = f, weak = weak)
}

counts <- data.frame(z = c(1, 1, 1, 1, 0, 0), d = c(1, 1, 0, 0, 0, 0), y = c(1, 0, 1, 0, 1, 0),
                     people = c(12, 9663, 34, 2385, 74, 11514))
sommer <- counts[rep(seq_len(nrow(counts)), counts$people), c("z", "d", "y")]

set.seed(19910115, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
n <- 60
z <- rep(1:0, c(32, 28))
x <- round(rnorm(n, 20, 6), 1)
drive <- rnorm(n)
d <- pmin(7, pmax(0, round(z * (4 + 1.5 * drive + .05 * (x - 20)))))
y <- round(30 - .8 * d + .4 * x + 2 * drive + rnorm(n) * (2 + z), 1)
made <- data.frame(z, d, y, x)

write(toJSON(list(
  made_with = list(R = R.version.string, AER = as.character(packageVersion("AER")),
                   estimatr = as.character(packageVersion("estimatr")), sandwich = as.character(packageVersion("sandwich"))),
  sommer_zeger = list(counts = counts, analysis = analysis(sommer, FALSE)),
  made = list(data = made, without = analysis(made, FALSE, whole = TRUE), with = analysis(made, TRUE, whole = TRUE))),
  auto_unbox = TRUE, digits = NA, dataframe = "columns"), stdout())
