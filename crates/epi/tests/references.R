# Random series and what EpiEstim and surveillance say of them, for tests/references.rs.
# Rscript --vanilla references.R SEED SERIES > references/SEED.txt
suppressWarnings(suppressMessages({ library(EpiEstim); library(surveillance) }))
arguments <- as.integer(commandArgs(trailingOnly = TRUE))
set.seed(arguments[1])
n <- arguments[2]

say <- function(word, ...) cat(word, sprintf("%.15g", as.numeric(c(...))), "\n", sep = " ")
rows <- function(table) for (i in seq_len(nrow(table))) do.call(say, c("row", as.list(as.numeric(table[i, ]))))
quiet <- function(it) suppressWarnings(suppressMessages(it))
days <- function() sample(25:120, 1)
counts <- function(days, period = 12) rnbinom(days, mu = exp(runif(1, -1, 6)) * exp(sin(seq_len(days) / period)), size = runif(1, .3, 20))

for (i in seq_len(n)) {
  T <- days(); I <- counts(T); w <- sample(1:10, 1)
  if (i == 1) I[] <- 0
  if (i == 2) I[] <- rbinom(T, 1, .1)
  m <- runif(1, 1.3, 9); s <- runif(1, .4, 6); pm <- runif(1, .5, 6); ps <- runif(1, .3, 6)
  start <- 2:(T - w + 1)
  config <- list(t_start = start, t_end = start + w - 1, mean_si = m, std_si = s, mean_prior = pm, std_prior = ps)
  say("rt", m, s, w, pm, ps); say("cases", I)
  rows(quiet(estimate_R(I, method = "parametric_si", config = make_config(config)))$R)

  weights <- c(0, diff(pgamma(0:12, 3, 1))); weights <- weights / sum(weights)
  imported <- rpois(T, 1)
  config <- list(t_start = start, t_end = start + w - 1, si_distr = weights)
  say("parted", w); say("weights", weights); say("cases", I); say("imported", imported)
  rows(quiet(estimate_R(data.frame(local = I, imported = imported), method = "non_parametric_si", config = make_config(config)))$R)

  I <- rpois(T, exp(runif(1, -1, 2.5)))
  if (sum(I) > 3) {
    if (i %% 3 == 0) I[1:8] <- 0
    start <- 2:(T - 6)
    config <- list(t_start = start, t_end = start + 6, mean_si = m, std_si = s, n_sim = 300)
    r <- try(quiet(wallinga_teunis(I, method = "parametric_si", config = config))$R, silent = TRUE)
    if (!inherits(r, "try-error")) { say("wt", m, s, 7); say("cases", I); rows(r) }
  }

  say("si", m, s)
  rows(cbind(0:40, discr_si(0:40, m, s)))

  I <- counts(T, 30) + 1
  say("growth", 14); say("cases", I)
  fits <- sapply(1:(T - 13), function(k) { t <- k:(k + 13); summary(quiet(glm(I[t] ~ t, family = quasipoisson)))$coefficients[2, 1:2] })
  rows(cbind(1:(T - 13), t(fits)))
}

say("uncertain", 4.2, 1, 2.2, 6.2, 2, .5, 1, 3); I <- rpois(50, 20); say("cases", I)
config <- list(mean_si = 4.2, std_mean_si = 1, min_mean_si = 2.2, max_mean_si = 6.2, std_si = 2, std_std_si = .5, min_std_si = 1, max_std_si = 3, n1 = 500, n2 = 50, seed = 1)
rows(quiet(estimate_R(I, method = "uncertain_si", config = make_config(config)))$R)

points <- function(r, T) cbind(seq(T - nrow(r) + 1, T), upperbound(r)[, 1], alarms(r)[, 1])
for (i in seq_len(n)) for (method in 1:3) {
  T <- days(); y <- counts(T, sample(c(7, 30), 1)); b <- sample(c(7, 7, 3, 14), 1); alpha <- if (i %% 2) c(.001, .001, .025)[method] else runif(1, .0005, .1)
  if (i %% 3 == 0) y <- rbinom(T, 1, .1)
  if (T > b + 5) {
    r <- earsC(sts(observed = y, frequency = 365), control = list(method = paste0("C", method), baseline = b, alpha = alpha))
    say("ears", method, b, alpha); say("cases", y); rows(points(r, T))
  }
}

for (i in seq_len(n)) {
  T <- days() + 30; y <- rpois(T, exp(runif(1, 0, 4)) * exp(.3 * sin(seq_len(T) / 9)))
  y[1] <- y[1] + 1
  r <- algo.cusum(create.disProg(week = seq_len(T), observed = y, state = rep(0, T)), control = list(range = 29:T, k = 1.04, h = 2.26))
  say("cusum", 28, 1.04, 2.26); say("cases", y); rows(cbind(29:T, r$upperbound, r$alarm))
}

for (i in seq_len(n)) {
  T <- sample(215:300, 1); t <- seq_len(T)
  mu <- exp(runif(1, -1.5, 6) + runif(1, 0, 1) * sin(2 * pi * t / 52) + runif(1, -.002, .002) * t)
  y <- if (i %% 4 == 0) rpois(T, mu) else rnbinom(T, mu = mu, size = runif(1, .5, 20))
  if (i %% 3 == 0) { k <- sample(T, 4); y[k] <- y[k] * 3 + 10 }
  if (i %% 5 == 0) y[sample(T, 150)] <- 0
  control <- list(b = 4, w = 3, noPeriods = 10, pastWeeksNotIncluded = 26, pThresholdTrend = 1, weightsThreshold = 2.58, thresholdMethod = "nbPlugin", alpha = c(.05, .01, .005, .001)[1 + i %% 4], glmWarnings = FALSE)
  if (i %% 3 == 1) control$pThresholdTrend <- .05
  if (i %% 5 == 2) { control$noPeriods <- 1; control$w <- 2 }
  if (i %% 5 == 4) y[sample(T - 30, 10)] <- NA
  r <- try(quiet(farringtonFlexible(sts(observed = y, frequency = 52), control = control)), silent = TRUE)
  if (!inherits(r, "try-error")) {
    say("farrington", control$alpha, control$pThresholdTrend, control$noPeriods, control$w)
    say("cases", y); rows(points(r, T))
  }
}

for (i in seq_len(n)) {
  T <- sample(225:300, 1); t <- seq_len(T); first <- as.Date("2009-01-01") + sample(0:3000, 1)
  y <- rnbinom(T, mu = exp(runif(1, 0, 5) + sin(2 * pi * t / 52.18)), size = 8)
  control <- list(b = 4, w = 3, noPeriods = 10, pastWeeksNotIncluded = 26, pThresholdTrend = 1, weightsThreshold = 2.58, thresholdMethod = "nbPlugin", alpha = .01, glmWarnings = FALSE, range = 216:T)
  series <- sts(observed = y, frequency = 52, epoch = as.numeric(first + 7 * (t - 1)), epochAsDate = TRUE)
  r <- quiet(farringtonFlexible(series, control = control))
  say("farrington_by_day", .01, as.numeric(first)); say("cases", y); rows(points(r, T))
}
