# Sizes by power.t.test and power.prop.test, unequal arms and a covariate by pt, equivalence by integrate over the
# distribution of the standard deviation.
# Run in this folder: Rscript sample_size.R > sample_size.json
suppressPackageStartupMessages(library(jsonlite))

t_size <- function(d, power) list(d = d, power = power, n = power.t.test(delta = d, power = power, strict = TRUE,
                                                                         tol = 1e-12)$n)

t_power <- function(d, n1, n2, alpha, r = 0, covariates = 0) {
  df <- n1 + n2 - 2 - covariates
  ncp <- d / sqrt(1 - r^2) * sqrt(n1 * n2 / (n1 + n2))
  critical <- qt(1 - alpha / 2, df)
  list(d = d, n1 = n1, n2 = n2, alpha = alpha, r = r, covariates = covariates,
       power = pt(critical, df, ncp, lower.tail = FALSE) + pt(-critical, df, ncp))
}

adjusted_size <- function(d, r, power) list(
  d = d, r = r, power = power,
  n = power.t.test(delta = d, sd = sqrt(1 - r^2), power = power, strict = TRUE, tol = 1e-12)$n,
  n_covariate = uniroot(function(n) t_power(d, n, n, .05, r, 1)$power - power, c(3, 1e4), tol = 1e-10)$root)

proportions <- function(p1, p2, power) list(p1 = p1, p2 = p2, power = power,
                                            n = power.prop.test(p1 = p1, p2 = p2, power = power, tol = 1e-12)$n)
proportions_power <- function(p1, p2, n, alpha) list(p1 = p1, p2 = p2, n = n, alpha = alpha,
  power = power.prop.test(n = n, p1 = p1, p2 = p2, sig.level = alpha)$power)
proportions_effect <- function(p1, n, power) list(p1 = p1, n = n, power = power,
  p2 = power.prop.test(n = n, p1 = p1, power = power, tol = 1e-12)$p2)

not_worse <- function(d, margin, n, alpha) list(d = d, margin = margin, n = n, alpha = alpha,
  power = power.t.test(n = n, delta = d + margin, sig.level = alpha, alternative = "one.sided", strict = TRUE)$power)
not_worse_size <- function(d, margin, power) list(d = d, margin = margin, power = power,
  n = power.t.test(delta = d + margin, sig.level = .025, power = power, alternative = "one.sided", strict = TRUE,
                   tol = 1e-12)$n)

alike <- function(d, margin, n1, n2, alpha) {
  df <- n1 + n2 - 2
  per_sd <- sqrt(n1 * n2 / (n1 + n2))
  critical <- qt(1 - alpha, df)
  # v is the residual variance over the true one, a chi-square over its degrees of freedom.
  inside <- function(v) (pnorm((margin - d) * per_sd - critical * sqrt(v)) -
                           pnorm((-margin - d) * per_sd + critical * sqrt(v))) * dchisq(v * df, df) * df
  most <- (margin * per_sd / critical)^2
  cuts <- sort(c(0, most, pmin(most, qchisq(c(1e-12, .01, .5, .99, 1 - 1e-12), df) / df)))
  parts <- mapply(function(a, b) if (b > a) integrate(inside, a, b, rel.tol = 1e-12, abs.tol = 0,
                                                      stop.on.error = FALSE)$value else 0,
                  head(cuts, -1), tail(cuts, -1))
  list(d = d, margin = margin, n1 = n1, n2 = n2, alpha = alpha, power = sum(parts))
}

write(toJSON(list(
  made_with = list(R = R.version.string),
  t_size = unlist(lapply(c(.2, .3, .35, .4, .5, .8), function(d) list(t_size(d, .8), t_size(d, .9))),
                  recursive = FALSE),
  t_power = list(t_power(.5, 64, 64, .05), t_power(.5, 50, 100, .05), t_power(-.3, 27, 22, .05, .6, 1),
                 t_power(.4, 30, 60, .01, .5, 4), t_power(1.5, 3, 4, .05)),
  adjusted_size = list(adjusted_size(.4, .5, .9), adjusted_size(.4, .7, .9), adjusted_size(.25, -.6, .8)),
  proportions = list(proportions(.3, .5, .8), proportions(.2, .3, .8), proportions(.6, .45, .9)),
  proportions_power = list(proportions_power(.3, .5, 60, .05), proportions_power(.1, .05, 400, .01)),
  proportions_effect = list(proportions_effect(.3, 93, .8), proportions_effect(.1, 150, .9)),
  not_worse = list(not_worse(0, .3, 120, .025), not_worse(-.1, .4, 90, .05)),
  not_worse_size = list(not_worse_size(0, .3, .9), not_worse_size(.1, .2, .8)),
  alike = list(alike(0, .5, 70, 70, .05), alike(.1, .4, 90, 150, .05), alike(0, .3, 40, 40, .025),
               alike(.2, .3, 1000, 1000, .05), alike(0, 2, 4, 3, .05))),
  auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
