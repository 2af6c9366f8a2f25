//! `vungxanh epi`: epidemic mathematics over CSV, without data and without network.

mod table;

use std::{io::Write, path::PathBuf};

use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};
use vx_epi::{
    Fault, IntervalBelief, Missing, SerialInterval, Series, Spread, Values, Watch, clusters, cusum, demand, ears,
    farrington, growth, nowcast, pooling, projection,
    reproduction::{Cori, Incidence, Prior, Reproduction, Window, sliding_windows},
    wallinga_teunis,
};

use table::{Choice, Counts, Sheet, Table, both, date, day_number, day_text, figure};

/// What is computed.
#[derive(Subcommand)]
pub enum Epi {
    /// Hệ số lây nhiễm tức thời Rt theo Cori và cộng sự 2013. / The instantaneous reproduction number.
    ///
    /// Vào / in: CSV `date,cases` hoặc `t,I`; hoặc `local,imported` tách ca nhập cảnh, ca từ nơi khác đến (CSV with
    /// `date,cases` or `t,I`; `local,imported` set imported cases apart). All cases of the first day count as imported.
    ///
    /// Ra / out: `t_start,t_end,mean,sd,q025,median,q975,q05,q25,q75,q95`, and `date_start,date_end` where there are
    /// dates. Days are numbered from 1; windows begin on day 2; NaN stands where a window ends before the mean serial
    /// interval has passed. Priors, windows and quantiles are those of EpiEstim.
    ///
    /// A serial interval that is not known well: add --si-mean-sd and the others; results are then drawn (--seed).
    Rt(Rt),
    /// Phân bố khoảng nối tiếp theo ngày. / The discretised serial interval (shifted gamma, as EpiEstim's discr_si).
    ///
    /// Ra / out: `lag,w`: độ trễ theo ngày, trọng số (lag in days, weight).
    Si(Si),
    /// Hệ số lây nhiễm theo nhóm ca (Wallinga-Teunis 2004). / The cohort reproduction number.
    ///
    /// Vào / in: as `rt`; whole counts. Ra / out: `t_start,t_end,mean,sd,q025,q975,median`, and `date_start,date_end`
    /// where there are dates; windows as in `rt`, without those that have no case. The last days are too low: whom their
    /// cases infected is not ill yet.
    Wt(Wt),
    /// Tốc độ tăng và thời gian tăng gấp đôi. / Growth rate and doubling time in sliding windows.
    ///
    /// Vào / in: as `rt`. Ra / out: `t_start,t_end,rate,sd,q025,q975,doubling,doubling_q025,doubling_q975`: rate a day,
    /// doubling in days (negative where cases halve); `r` (Wallinga-Lipsitch 2007) where a serial interval is given, `date_start,date_end`
    /// where there are dates.
    Growth(Growth),
    /// Ước tính số ca sau khi các báo cáo muộn về đủ. / Cases once late reports are in, from days and days of report.
    ///
    /// Vào / in: CSV `date,reported` (a line for each case) or `date,reported,cases`; `onset`, `dhosp` and
    /// `report_date`, `dreport` are understood too. Ra / out: `date,reported,share,mean,sd,q025,q25,median,q75,q975`:
    /// cases known by --now, the share that these are, cases in the end.
    Nowcast(NowcastOf),
    /// Phát hiện bất thường, ổ dịch: EARS, Farrington linh hoạt, CUSUM. / Outbreak detection.
    ///
    /// Vào / in: CSV whose count column is `cases`, `I` or `observed`. Ra / out: `t,observed,upper_bound,alarm`; t from 1
    /// in the order of the rows (or of their dates), alarm 0 or 1, a line for each point that has enough history; NaN
    /// where the method has no answer. EARS as earsC, Farrington as farringtonFlexible of the R package surveillance.
    Detect(Detect),
    /// Dự báo theo kịch bản bằng phương trình tái tạo. / Projection by the renewal equation under scenarios.
    ///
    /// Vào / in: as `rt`. R is that of the last window, or --r. Ra / out:
    /// `scenario,t,date,mean,sd,q025,q25,median,q75,q975,total_mean,total_q025,total_median,total_q975`; t goes on where
    /// the series ends.
    Project(Project),
    /// Xét nghiệm gộp mẫu: số mẫu gộp tối ưu, số xét nghiệm dự kiến. / Optimal pool size and expected tests.
    ///
    /// Vào / in: --prevalence, or CSV with the column `prevalence` (0.01 is 1 %). Ra / out:
    /// `prevalence,pool_size,tests_per_person,sensitivity,specificity`, and `people,tests,missed` with --people. One line
    /// for each prevalence (the best size), or for each --size.
    Pool(PoolOf),
    /// Nhu cầu giường, máy thở, ô xy theo tham số WHO ESFT. / Beds, ventilators and oxygen.
    ///
    /// Vào / in: as `rt`, cases or projected cases. Ra / out:
    /// `t,date,severe,critical,ventilators,oxygen_l_min,oxygen_m3_day,cylinders_day`: patients present, not admissions.
    Demand(DemandOf),
    /// Độ không đồng đều k và quy mô chùm ca bệnh. / Overdispersion k and the sizes of clusters.
    ///
    /// Vào / in: CSV with `offspring` (how many each case infected) or `size` (cases of each cluster that is over); `count`
    /// says how often. Ra / out: `r,k,k_q025,k_q975,log_likelihood,infecting_nobody`. With --r and --k instead:
    /// `size,probability,at_least`.
    Cluster(Cluster),
}

/// A table of counts.
#[derive(Args)]
struct In {
    /// Tệp CSV; không ghi hoặc ghi - thì đọc từ đầu vào chuẩn. / CSV file; standard input when left out or -.
    file: Option<PathBuf>,
    #[command(flatten)]
    choice: Choice,
    /// Ngày thiếu số liệu tính là gì. / What a day without a count counts as.
    #[arg(long, value_enum, default_value = "zero")]
    missing: MissingAs,
}

#[derive(Clone, Copy, ValueEnum)]
enum MissingAs {
    /// Không có ca, như EpiEstim. / No case, as EpiEstim takes it.
    Zero,
    /// Không đưa vào tính. / The day is taken out of the sums.
    LeaveOut,
    /// Không tính và báo lỗi. / Nothing is computed.
    Refuse,
}

/// Which serial interval.
#[derive(Args)]
struct Interval {
    /// Trung bình khoảng nối tiếp, ngày. / Mean of the serial interval, in days (above 1).
    #[arg(long, alias = "mean", allow_negative_numbers = true)]
    si_mean: Option<f64>,
    /// Độ lệch chuẩn khoảng nối tiếp, ngày. / Standard deviation of the serial interval, in days.
    #[arg(long, alias = "sd", alias = "si-std", allow_negative_numbers = true)]
    si_sd: Option<f64>,
    /// Tệp CSV `lag,w`, bắt đầu ở độ trễ 0. / CSV with `lag,w`, from lag 0, whose weight is 0.
    #[arg(long, conflicts_with_all = ["si_mean", "si_sd"])]
    si_file: Option<PathBuf>,
}

impl Interval {
    fn is_given(&self) -> bool {
        self.si_file.is_some() || self.si_mean.is_some() || self.si_sd.is_some()
    }

    fn of(&self, lags: usize) -> anyhow::Result<SerialInterval> {
        if let Some(path) = &self.si_file {
            let table = Table::read(Some(path))?;
            let weights =
                table.needed(None, &["w", "weight", "weights", "si_distr", "probability", "prob", "p", "si"])?;
            let lag = table.column(&["lag", "k", "t", "day", "days"]);
            let mut values: Vec<f64> = Vec::new();
            for row in table.rows() {
                let weight = table.value(row, weights)?;
                let at = match lag {
                    None => values.len(),
                    Some(column) => {
                        let lag = table.value(row, column)?;
                        if lag.fract() != 0.0 || !(0.0..10_000.0).contains(&lag) {
                            return Err(table.wrong(
                                row,
                                &format!("độ trễ {lag} không hợp lệ. Ghi số nguyên từ 0."),
                                &format!("the lag {lag} is not a whole number from 0."),
                            ));
                        }
                        lag as usize
                    }
                };
                if at >= values.len() {
                    values.resize(at + 1, 0.0);
                }
                values[at] = weight;
            }
            return SerialInterval::of(&values)
                .map_err(|fault| table.fault(&fault, |at| Some(table.rows().get(at)?.line)));
        }
        match (self.si_mean, self.si_sd) {
            (Some(mean), Some(sd)) => SerialInterval::gamma(mean, sd, lags).map_err(|fault| said(&fault)),
            _ => bail!(both(
                "Thiếu khoảng nối tiếp. Ghi --si-mean và --si-sd (ngày), hoặc --si-file TỆP.",
                "No serial interval. Give --si-mean and --si-sd (in days), or --si-file FILE.",
            )),
        }
    }
}

/// What is believed about R beforehand, and the windows.
#[derive(Args)]
struct Windows {
    /// Trung bình tiên nghiệm của R. / Prior mean of R.
    #[arg(long, default_value_t = 5.0, allow_negative_numbers = true)]
    prior_mean: f64,
    /// Độ lệch chuẩn tiên nghiệm của R. / Prior standard deviation of R.
    #[arg(long, alias = "prior-std", default_value_t = 5.0, allow_negative_numbers = true)]
    prior_sd: f64,
    /// Số ngày của cửa sổ trượt. / Days of the sliding window.
    #[arg(long, default_value_t = 7)]
    window: usize,
}

/// `epi rt`.
#[derive(Args)]
pub struct Rt {
    #[command(flatten)]
    counts: In,
    #[command(flatten)]
    interval: Interval,
    #[command(flatten)]
    windows: Windows,
    /// Độ lệch chuẩn của trung bình. / Standard deviation of si-mean; with it the interval is uncertain.
    #[arg(long, requires_all = ["si_mean", "si_sd", "si_sd_sd"])]
    si_mean_sd: Option<f64>,
    /// Least mean; two standard deviations below si-mean, 1 at the least, when left out.
    #[arg(long, requires = "si_mean_sd")]
    si_mean_min: Option<f64>,
    /// Largest mean; two standard deviations above si-mean when left out.
    #[arg(long, requires = "si_mean_sd")]
    si_mean_max: Option<f64>,
    /// Độ lệch chuẩn của độ lệch chuẩn. / Standard deviation of si-sd.
    #[arg(long, requires = "si_mean_sd")]
    si_sd_sd: Option<f64>,
    /// Least standard deviation; two of its own below si-sd, a tenth of it at the least, when left out.
    #[arg(long, requires = "si_mean_sd")]
    si_sd_min: Option<f64>,
    /// Largest standard deviation; two of its own above si-sd when left out.
    #[arg(long, requires = "si_mean_sd")]
    si_sd_max: Option<f64>,
    /// Intervals drawn.
    #[arg(long, default_value_t = 500)]
    n1: usize,
    /// R drawn for each interval.
    #[arg(long, default_value_t = 50)]
    n2: usize,
    /// The same seed gives the same draws.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// `epi si`.
#[derive(Args)]
pub struct Si {
    #[command(flatten)]
    interval: Interval,
    /// Độ trễ lớn nhất, ngày; mặc định 40 hoặc đến khi còn dưới một phần nghìn. / The largest lag; 40 when left out, or
    /// where less than a thousandth is left.
    #[arg(long)]
    max_lag: Option<usize>,
}

/// `epi wt`.
#[derive(Args)]
pub struct Wt {
    #[command(flatten)]
    counts: In,
    #[command(flatten)]
    interval: Interval,
    /// Số ngày của cửa sổ trượt. / Days of the sliding window.
    #[arg(long, default_value_t = 7)]
    window: usize,
    /// Trees of infection drawn for the intervals.
    #[arg(long, alias = "n-sim", default_value_t = 1_000)]
    simulations: usize,
    /// The same seed gives the same draws.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// `epi growth`.
#[derive(Args)]
pub struct Growth {
    #[command(flatten)]
    counts: In,
    #[command(flatten)]
    interval: Interval,
    /// Số ngày của cửa sổ trượt. / Days of the sliding window.
    #[arg(long, default_value_t = 14)]
    window: usize,
}

/// `epi nowcast`.
#[derive(Args)]
pub struct NowcastOf {
    /// Tệp CSV; không ghi hoặc ghi - thì đọc từ đầu vào chuẩn. / CSV file; standard input when left out or -.
    file: Option<PathBuf>,
    /// Cột ngày khởi phát. / The column of the day that counts.
    #[arg(long)]
    column: Option<String>,
    /// Cột ngày báo cáo. / The column of the day of report.
    #[arg(long)]
    reported_column: Option<String>,
    /// Tính đến hết ngày này; mặc định ngày báo cáo cuối. / As known on this day; the last day of report when left out.
    #[arg(long)]
    now: Option<String>,
    /// Số ngày chậm nhiều nhất. / Days after which no report is expected.
    #[arg(long, default_value_t = 21)]
    delay_max: usize,
    /// Học độ chậm từ báo cáo của số ngày gần nhất. / Delays are learned from the reports of the last so many days.
    #[arg(long, default_value_t = 28)]
    learned_from: usize,
    /// Draws for the intervals.
    #[arg(long, default_value_t = 2_000)]
    simulations: usize,
    /// The same seed gives the same draws.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Methods of detection.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DetectBy {
    /// EARS C1.
    EarsC1,
    /// EARS C2.
    EarsC2,
    /// EARS C3.
    EarsC3,
    /// Farrington flexible (Noufaily 2013).
    FarringtonFlexible,
    /// Cumulative sums.
    Cusum,
}

/// `epi detect`.
#[derive(Args)]
pub struct Detect {
    #[command(flatten)]
    counts: In,
    /// Phương pháp. / The method.
    #[arg(long, value_enum)]
    method: DetectBy,
    /// Xác suất báo động giả. / Probability of a false alarm: 0.001 for C1 and C2, 0.025 for C3, 0.05 for Farrington.
    #[arg(long, allow_negative_numbers = true)]
    alpha: Option<f64>,
    /// Số điểm làm nền: EARS 7, CUSUM 28. / Points of history: 7 for EARS, 28 for CUSUM.
    #[arg(long)]
    baseline: Option<usize>,
    /// EARS: the least standard deviation, in cases.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    min_sigma: f64,
    /// Farrington: years of history (b).
    #[arg(long, alias = "b", default_value_t = 4)]
    years: usize,
    /// Farrington: points on either side of the same point of earlier years (w).
    #[arg(long, alias = "w", default_value_t = 3)]
    half_window: usize,
    /// Farrington: points of a year.
    #[arg(long, alias = "freq", default_value_t = 52)]
    frequency: usize,
    /// Farrington: periods of a year (noPeriods).
    #[arg(long, alias = "no-periods", default_value_t = 10)]
    periods: usize,
    /// Farrington: points before the present that are left out (pastWeeksNotIncluded).
    #[arg(long, alias = "past-weeks-not-included", default_value_t = 26)]
    recent_left_out: usize,
    /// Farrington: residuals above it count less (weightsThreshold).
    #[arg(long, default_value_t = 2.58)]
    weights_threshold: f64,
    /// Farrington: the trend is kept where its p-value lies below (pThresholdTrend); 1 keeps it always.
    #[arg(long, default_value_t = 1.0)]
    trend_p_max: f64,
    /// Farrington: tìm cùng tuần của các năm trước theo lịch (cần cột ngày, mỗi tuần một dòng). / The same week of earlier
    /// years by the calendar instead of 52 rows before (epochAsDate); needs dates a week apart.
    #[arg(long)]
    by_date: bool,
    /// Farrington: without trend.
    #[arg(long)]
    no_trend: bool,
    /// CUSUM: excess ignored at each point, in deviations (k).
    #[arg(long, default_value_t = 1.04)]
    reference: f64,
    /// CUSUM: sum at which there is an alarm, in deviations (h).
    #[arg(long, default_value_t = 2.26)]
    threshold: f64,
}

/// `epi project`.
#[derive(Args)]
pub struct Project {
    #[command(flatten)]
    counts: In,
    #[command(flatten)]
    interval: Interval,
    #[command(flatten)]
    windows: Windows,
    /// R, nếu không lấy của cửa sổ cuối. / R, instead of that of the last window.
    #[arg(long, allow_negative_numbers = true)]
    r: Option<f64>,
    /// Standard deviation of --r.
    #[arg(long, requires = "r", default_value_t = 0.0, allow_negative_numbers = true)]
    r_sd: f64,
    /// Số ngày dự báo. / Days to project.
    #[arg(long, default_value_t = 14)]
    days: usize,
    /// Kịch bản TÊN=HỆ SỐ nhân với R, hoặc TÊN=HỆ SỐ@NGÀY từ ngày thứ mấy; lặp lại được. / A scenario, NAME=FACTOR of R,
    /// or NAME=FACTOR@DAY from that day of the projection on; may be repeated.
    #[arg(long, default_value = "hiện tại=1")]
    scenario: Vec<String>,
    /// Ca từ nơi khác đến mỗi ngày. / Cases expected from elsewhere each day.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    imported: f64,
    /// Độ không đồng đều k. / Dispersion of offspring; Poisson when left out.
    #[arg(long, allow_negative_numbers = true)]
    k: Option<f64>,
    /// Courses drawn.
    #[arg(long, default_value_t = 2_000)]
    simulations: usize,
    /// The same seed gives the same draws.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// `epi pool`.
#[derive(Args)]
pub struct PoolOf {
    /// CSV with the column `prevalence`; standard input when left out or -, unless --prevalence is given.
    file: Option<PathBuf>,
    /// Tỷ lệ dương tính dự kiến; lặp lại được. / Expected share of positive samples; may be repeated.
    #[arg(long, conflicts_with = "file", allow_negative_numbers = true)]
    prevalence: Vec<f64>,
    /// Số mẫu gộp nhiều nhất của phòng xét nghiệm. / The most samples that the laboratory pools.
    #[arg(long, default_value_t = pooling::SIZE_MAX)]
    size_max: usize,
    /// Tính cho số mẫu gộp này; lặp lại được. / What pools of this size mean; may be repeated.
    #[arg(long)]
    size: Vec<usize>,
    /// Độ nhạy. / Sensitivity of the test.
    #[arg(long, default_value_t = 1.0)]
    sensitivity: f64,
    /// Độ đặc hiệu. / Specificity of the test.
    #[arg(long, default_value_t = 1.0)]
    specificity: f64,
    /// Mức pha loãng: 0 không ảnh hưởng, 1 nhiều nhất. / Effect of dilution (Hwang 1976): 0 none, 1 the most.
    #[arg(long, default_value_t = 0.0)]
    dilution: f64,
    /// Độ nhạy thấp nhất chấp nhận. / The least sensitivity that is accepted.
    #[arg(long, default_value_t = 0.0)]
    sensitivity_min: f64,
    /// Số người cần xét nghiệm. / People to be tested.
    #[arg(long)]
    people: Option<u64>,
}

/// `epi demand`.
#[derive(Args)]
pub struct DemandOf {
    #[command(flatten)]
    counts: In,
    /// Tỷ lệ nặng. / Share of cases that is severe.
    #[arg(long, default_value_t = demand::Parameters::default().severe, allow_negative_numbers = true)]
    severe: f64,
    /// Tỷ lệ nguy kịch. / Share of cases that is critical.
    #[arg(long, default_value_t = demand::Parameters::default().critical, allow_negative_numbers = true)]
    critical: f64,
    /// Số ngày nằm viện, ca nặng. / Days that a severe patient stays.
    #[arg(long, default_value_t = demand::Parameters::default().severe_stay)]
    severe_stay: usize,
    /// Số ngày nằm viện, ca nguy kịch. / Days that a critical patient stays.
    #[arg(long, default_value_t = demand::Parameters::default().critical_stay)]
    critical_stay: usize,
    /// Lưu lượng ô xy ca nặng, lít/phút. / Oxygen of a severe patient, l/min.
    #[arg(long, default_value_t = demand::Parameters::default().severe_flow)]
    severe_flow: f64,
    /// Lưu lượng ô xy ca nguy kịch, lít/phút. / Oxygen of a critical patient, l/min.
    #[arg(long, default_value_t = demand::Parameters::default().critical_flow)]
    critical_flow: f64,
    /// Tỷ lệ ca nguy kịch thở máy xâm nhập. / Share of critical patients ventilated invasively.
    #[arg(long, default_value_t = demand::Parameters::default().ventilated)]
    ventilated: f64,
    /// Số ngày từ khi phát hiện đến khi nhập viện. / Days from the case to the bed.
    #[arg(long, default_value_t = 0)]
    delay: usize,
    /// Dung tích khí một bình, m³. / Gas in a cylinder, m³.
    #[arg(long, default_value_t = demand::Parameters::default().cylinder)]
    cylinder: f64,
}

/// `epi cluster`.
#[derive(Args)]
pub struct Cluster {
    /// CSV with `offspring` or `size`, and perhaps `count`; standard input when left out or -.
    file: Option<PathBuf>,
    /// R.
    #[arg(long, requires = "k", conflicts_with = "file", allow_negative_numbers = true)]
    r: Option<f64>,
    /// k.
    #[arg(long, requires = "r", allow_negative_numbers = true)]
    k: Option<f64>,
    /// The largest size listed.
    #[arg(long, default_value_t = 50)]
    size_max: usize,
}

/// Computes and writes CSV; what nobody should overlook goes `aside`.
///
/// # Errors
/// What is wrong, in which line, and what to do, in Vietnamese and English.
pub fn run(command: &Epi, out: &mut dyn Write, aside: &mut dyn Write) -> anyhow::Result<()> {
    match command {
        Epi::Rt(command) => rt(command, out, aside),
        Epi::Si(command) => si(command, out),
        Epi::Wt(command) => wt(command, out, aside),
        Epi::Growth(command) => grow(command, out, aside),
        Epi::Nowcast(command) => cast(command, out),
        Epi::Detect(command) => detect(command, out, aside),
        Epi::Project(command) => project(command, out, aside),
        Epi::Pool(command) => pool(command, out),
        Epi::Demand(command) => need(command, out, aside),
        Epi::Cluster(command) => cluster(command, out),
    }
}

/// Whether nobody reads the output any more.
#[must_use]
pub fn is_cut_off(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let of_csv = cause.downcast_ref::<csv::Error>().and_then(|error| match error.kind() {
            csv::ErrorKind::Io(error) => Some(error.kind()),
            _ => None,
        });
        let kind = of_csv.or_else(|| cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind));
        kind == Some(std::io::ErrorKind::BrokenPipe)
    })
}

fn said(fault: &Fault) -> anyhow::Error {
    both(&fault.vi(), &fault.en())
}

impl In {
    /// Counts, with what is missing said on the side.
    fn read(&self, aside: &mut dyn Write) -> anyhow::Result<Counts> {
        let counts = Counts::read(self.file.as_deref(), &self.choice)?;
        let (vi, en) = match self.missing {
            MissingAs::Zero => ("tính là không có ca (đổi bằng --missing)", "taken as no case (see --missing)"),
            MissingAs::LeaveOut => ("không đưa vào tính", "left out of the sums"),
            MissingAs::Refuse => ("phải bổ sung", "to be added"),
        };
        counts.warn(vi, en, aside)?;
        Ok(counts)
    }

    fn missing(&self) -> Missing {
        match self.missing {
            MissingAs::Zero => Missing::Zero,
            MissingAs::LeaveOut => Missing::LeaveOut,
            MissingAs::Refuse => Missing::Refuse,
        }
    }

    fn values(&self, counts: &Counts, series: &Series) -> anyhow::Result<Values> {
        series.values(self.missing()).map_err(|fault| counts.fault(&fault))
    }

    /// All cases, those from elsewhere included.
    fn all(&self, counts: &Counts) -> anyhow::Result<Values> {
        let mut values = self.values(counts, &counts.series)?;
        if let Some(imported) = &counts.imported {
            let imported = self.values(counts, imported)?;
            values.counts.iter_mut().zip(&imported.counts).for_each(|(one, other)| *one += other);
            values.counted.iter_mut().zip(&imported.counted).for_each(|(one, other)| *one &= other);
        }
        Ok(values)
    }

    fn incidence(&self, counts: &Counts) -> anyhow::Result<Incidence> {
        let values = self.values(counts, &counts.series)?;
        let incidence = match &counts.imported {
            None => Incidence::from_values(&values),
            Some(imported) => {
                let imported = self.values(counts, imported)?;
                let counted: Vec<bool> =
                    values.counted.iter().zip(&imported.counted).map(|(one, other)| *one && *other).collect();
                Incidence::parted(&values.counts, &imported.counts).and_then(|incidence| incidence.counting(&counted))
            }
        };
        incidence.map_err(|fault| counts.fault(&fault))
    }
}

impl Windows {
    fn prior(&self) -> Prior {
        Prior { mean: self.prior_mean, sd: self.prior_sd }
    }
}

/// A head, and the dates behind it where there are dates.
fn head<'h>(counts: &Counts, columns: &[&'h str], dates: &[&'h str]) -> Vec<&'h str> {
    let dates = if counts.has_dates() { dates } else { &[] };
    [columns, dates].concat()
}

fn dates_of(counts: &Counts, window: Window) -> Vec<String> {
    if counts.has_dates() { vec![counts.date(window.start - 1), counts.date(window.end - 1)] } else { Vec::new() }
}

fn rt(command: &Rt, out: &mut dyn Write, aside: &mut dyn Write) -> anyhow::Result<()> {
    let counts = command.counts.read(aside)?;
    let incidence = command.counts.incidence(&counts)?;
    let prior = command.windows.prior();
    let fault = |fault: Fault| counts.fault(&fault);
    let mut cori = Cori::new(prior).map_err(fault)?;
    let windows = sliding_windows(incidence.days(), command.windows.window).map_err(fault)?;
    let interval = command.interval.of(incidence.days())?;
    let estimates = match belief(command)? {
        None => cori.estimate(&incidence, &interval, &windows),
        Some(belief) => {
            let sample = belief.sample(command.n1, incidence.days(), command.seed);
            sample.and_then(|sample| cori.estimate_over(&incidence, &sample, command.n2, &windows, command.seed))
        }
    }
    .map_err(fault)?;
    const VARIATION: f64 = 0.3;
    let needed = prior.cases_needed(VARIATION);
    if windows.first().is_some_and(|window| incidence.cases(*window) < needed) {
        writeln!(
            aside,
            "Các cửa sổ có dưới {needed} ca cho kết quả chủ yếu theo giá trị tiên nghiệm; xem khoảng tin cậy.\n\
             Windows with fewer than {needed} cases say little more than the prior; look at the interval."
        )?;
    }
    let columns = ["t_start", "t_end", "mean", "sd", "q025", "median", "q975", "q05", "q25", "q75", "q95"];
    let mut sheet = Sheet::begin(out, &head(&counts, &columns, &["date_start", "date_end"]))?;
    for Reproduction { window, r } in estimates {
        let part = |of: fn(&Spread) -> f64| figure(r.as_ref().map(of));
        let mut row = vec![
            window.start.to_string(),
            window.end.to_string(),
            part(|r| r.mean),
            part(|r| r.sd),
            part(Spread::q025),
            part(Spread::median),
            part(Spread::q975),
            part(|r| r.quantiles[1]),
            part(|r| r.quantiles[2]),
            part(|r| r.quantiles[4]),
            part(|r| r.quantiles[5]),
        ];
        row.extend(dates_of(&counts, window));
        sheet.row(&row)?;
    }
    sheet.end()
}

/// What is believed about the serial interval, when it is not taken as known.
fn belief(command: &Rt) -> anyhow::Result<Option<IntervalBelief>> {
    let (Some(mean), Some(sd), Some(mean_sd), Some(sd_sd)) =
        (command.interval.si_mean, command.interval.si_sd, command.si_mean_sd, command.si_sd_sd)
    else {
        return Ok(None);
    };
    let mean_within = (
        command.si_mean_min.unwrap_or((mean - 2.0 * mean_sd).max(1.0)),
        command.si_mean_max.unwrap_or(mean + 2.0 * mean_sd),
    );
    let sd_within =
        (command.si_sd_min.unwrap_or((sd - 2.0 * sd_sd).max(sd / 10.0)), command.si_sd_max.unwrap_or(sd + 2.0 * sd_sd));
    const DRAWS_MAX: usize = 10_000_000;
    if command.n1.saturating_mul(command.n2) > DRAWS_MAX {
        bail!(both("--n1 × --n2 quá 10 triệu. Giảm bớt.", "--n1 × --n2 is more than ten million. Lower them."));
    }
    Ok(Some(IntervalBelief { mean, mean_sd, mean_within, sd, sd_sd, sd_within }))
}

fn si(command: &Si, out: &mut dyn Write) -> anyhow::Result<()> {
    const LAGS: usize = 41;
    const LAGS_MAX: usize = 10_000;
    const REST: f64 = 1e-3;
    let lags = match command.max_lag {
        Some(most) if most < LAGS_MAX => most + 1,
        Some(_) => bail!(both("--max-lag phải nhỏ hơn 10000.", "--max-lag must be less than 10000.")),
        None => LAGS,
    };
    let mut interval = command.interval.of(lags)?;
    if command.max_lag.is_none() && interval.weights().iter().sum::<f64>() < 1.0 - REST {
        interval = command.interval.of(LAGS_MAX)?;
    }
    let mut weights = interval.weights().to_vec();
    if command.interval.si_file.is_none() {
        // Lags of no weight are lags all the same, up to the one that was asked for.
        weights.resize(weights.len().max(lags), 0.0);
    }
    if command.max_lag.is_none() {
        let mut sum = 0.0;
        let enough = weights.iter().position(|weight| {
            sum += weight;
            sum >= 1.0 - REST
        });
        weights.truncate(enough.map_or(weights.len(), |lag| lag + 1).max(LAGS));
    }
    let mut sheet = Sheet::begin(out, &["lag", "w"])?;
    for (lag, weight) in weights.iter().enumerate() {
        sheet.row(&[lag.to_string(), figure(*weight)])?;
    }
    sheet.end()
}

fn wt(command: &Wt, out: &mut dyn Write, aside: &mut dyn Write) -> anyhow::Result<()> {
    let counts = command.counts.read(aside)?;
    let cases = command.counts.all(&counts)?.counts;
    let windows = sliding_windows(cases.len(), command.window).map_err(|fault| counts.fault(&fault))?;
    let interval = command.interval.of(cases.len())?;
    let cohorts = wallinga_teunis::estimate(&cases, &interval, &windows, command.simulations, command.seed)
        .map_err(|fault| counts.fault(&fault))?;
    let columns = ["t_start", "t_end", "mean", "sd", "q025", "q975", "median"];
    let mut sheet = Sheet::begin(out, &head(&counts, &columns, &["date_start", "date_end"]))?;
    for wallinga_teunis::Cohort { window, mean, simulated } in cohorts {
        let part = |of: fn(&Spread) -> f64| figure(simulated.as_ref().map(of));
        let mut row = vec![
            window.start.to_string(),
            window.end.to_string(),
            figure(mean),
            part(|r| r.sd),
            part(Spread::q025),
            part(Spread::q975),
            part(Spread::median),
        ];
        row.extend(dates_of(&counts, window));
        sheet.row(&row)?;
    }
    sheet.end()
}

fn grow(command: &Growth, out: &mut dyn Write, aside: &mut dyn Write) -> anyhow::Result<()> {
    let counts = command.counts.read(aside)?;
    let values = command.counts.all(&counts)?;
    let interval = if command.interval.is_given() { Some(command.interval.of(values.counts.len())?) } else { None };
    let windows = growth::growth(&values, command.window).map_err(|fault| counts.fault(&fault))?;
    let mut columns =
        vec!["t_start", "t_end", "rate", "sd", "q025", "q975", "doubling", "doubling_q025", "doubling_q975"];
    if interval.is_some() {
        columns.push("r");
    }
    let mut sheet = Sheet::begin(out, &head(&counts, &columns, &["date_start", "date_end"]))?;
    for growth::Growth { window, rate } in windows {
        let part = |of: fn(&growth::Rate) -> f64| figure(rate.as_ref().map(of));
        let doubling = rate.and_then(|rate| rate.doubling_interval());
        let mut row = vec![
            window.start.to_string(),
            window.end.to_string(),
            part(|rate| rate.value),
            part(|rate| rate.sd),
            part(|rate| rate.low),
            part(|rate| rate.high),
            figure(rate.and_then(|rate| rate.doubling())),
            figure(doubling.map(|ends| ends.0)),
            figure(doubling.map(|ends| ends.1)),
        ];
        if let Some(interval) = &interval {
            row.push(figure(rate.and_then(|rate| growth::reproduction_of(rate.value, interval).ok())));
        }
        row.extend(dates_of(&counts, window));
        sheet.row(&row)?;
    }
    sheet.end()
}

fn cast(command: &NowcastOf, out: &mut dyn Write) -> anyhow::Result<()> {
    let table = Table::read(command.file.as_deref())?;
    let day = table.needed(command.column.as_deref(), &["date", "onset", "day", "onset_date", "dhosp", "ngày"])?;
    let reported = table.needed(
        command.reported_column.as_deref(),
        &["reported", "report_date", "date_report", "report", "dreport", "ngày báo cáo"],
    )?;
    let cases = table.column(&["cases", "count", "n"]);
    let mut reports = Vec::with_capacity(table.rows().len());
    for row in table.rows() {
        let cases = cases.map_or(Ok(1.0), |column| table.value(row, column))?;
        let (day, reported) = (day_number(table.date(row, day)?), day_number(table.date(row, reported)?));
        if reported < day {
            return Err(table.wrong(
                row,
                "ngày báo cáo trước ngày khởi phát. Sửa lại một trong hai ngày.",
                "it was reported before its day. Correct one of the two.",
            ));
        }
        reports.push(nowcast::Report { day, reported, cases });
    }
    let now = match &command.now {
        None => reports.iter().map(|report| report.reported).max().unwrap_or(0),
        Some(text) => day_number(date(text).ok_or_else(|| {
            both(
                &format!("--now {text}: không phải là ngày. Viết dạng 2021-09-28."),
                &format!("--now {text}: not a day. Write 2021-09-28."),
            )
        })?),
    };
    reports.retain(|report| report.day <= now);
    let settings = nowcast::Settings {
        delay_max: command.delay_max,
        learned_from: command.learned_from,
        simulations: command.simulations,
        seed: command.seed,
    };
    let nowcasts = nowcast::nowcast(&reports, now, &settings)
        .map_err(|fault| table.fault(&fault, |at| Some(table.rows().get(at)?.line)))?;
    let columns = ["date", "reported", "share", "mean", "sd", "q025", "q25", "median", "q75", "q975"];
    let mut sheet = Sheet::begin(out, &columns)?;
    for nowcast::Nowcast { day, reported, share, total } in nowcasts {
        let mut row = vec![day_text(day), figure(reported), figure(share)];
        let [q025, _, q25, median, q75, _, q975] = total.quantiles;
        row.extend([total.mean, total.sd, q025, q25, median, q75, q975].map(figure));
        sheet.row(&row)?;
    }
    sheet.end()
}

fn detect(command: &Detect, out: &mut dyn Write, aside: &mut dyn Write) -> anyhow::Result<()> {
    let counts = Counts::read(command.counts.file.as_deref(), &command.counts.choice)?;
    let is_cusum = command.method == DetectBy::Cusum;
    let (vi, en) = match (is_cusum, command.counts.missing) {
        (true, MissingAs::Zero) => ("tính là không có ca", "taken as no case"),
        (true, _) => ("phải bổ sung", "to be added"),
        (false, _) => ("không dùng để tính", "not used"),
    };
    counts.warn(vi, en, aside)?;
    let known = counts.series.known();
    let ears = |method| {
        let settings = ears::Settings::new(method);
        ears::watch(
            &known,
            &ears::Settings {
                alpha: command.alpha.unwrap_or(settings.alpha),
                baseline: command.baseline.unwrap_or(settings.baseline),
                sd_min: command.min_sigma,
                ..settings
            },
        )
    };
    let watched = match command.method {
        DetectBy::EarsC1 => ears(ears::Method::C1),
        DetectBy::EarsC2 => ears(ears::Method::C2),
        DetectBy::EarsC3 => ears(ears::Method::C3),
        DetectBy::FarringtonFlexible => {
            if command.baseline.is_some() {
                writeln!(
                    aside,
                    "--baseline dùng cho EARS và CUSUM; số năm nền của Farrington là --years {0}.\n\
                     --baseline is for EARS and CUSUM; Farrington's years of history are --years {0}.",
                    command.years
                )?;
            }
            let first_day = if command.by_date { Some(counts.first_week()?) } else { None };
            let settings = farrington::Settings::default();
            let settings = farrington::Settings {
                first_day,
                years: command.years,
                half_window: command.half_window,
                frequency: command.frequency,
                periods: command.periods,
                recent_left_out: command.recent_left_out,
                weights_threshold: command.weights_threshold,
                trend: !command.no_trend,
                trend_p_max: command.trend_p_max,
                alpha: command.alpha.unwrap_or(settings.alpha),
                ..settings
            };
            farrington::watch(&known, &settings)
        }
        DetectBy::Cusum => {
            let settings = cusum::Settings {
                baseline: command.baseline.unwrap_or(cusum::Settings::default().baseline),
                reference: command.reference,
                threshold: command.threshold,
            };
            counts.series.values(command.counts.missing()).and_then(|values| cusum::watch(&values.counts, &settings))
        }
    };
    let watched = watched.map_err(|fault| counts.fault(&fault))?;
    let mut sheet = Sheet::begin(out, &["t", "observed", "upper_bound", "alarm"])?;
    for Watch { t, observed, upper_bound, alarm } in watched {
        sheet.row(&[t.to_string(), figure(observed), figure(upper_bound), u8::from(alarm).to_string()])?;
    }
    sheet.end()
}

/// `NAME=FACTOR` or `NAME=FACTOR@DAY`, as a factor for each day.
fn scenario(text: &str, days: usize) -> anyhow::Result<(String, Vec<f64>)> {
    let read = || -> Option<(String, f64, usize)> {
        let (name, rest) = text.rsplit_once('=')?;
        let (factor, from) = rest.split_once('@').unwrap_or((rest, "1"));
        Some((name.trim().to_owned(), factor.trim().parse().ok()?, from.trim().parse().ok().filter(|day| *day >= 1)?))
    };
    let Some((name, factor, from)) = read().filter(|(name, ..)| !name.is_empty()) else {
        bail!(both(
            &format!("--scenario {text}: viết TÊN=HỆ SỐ hoặc TÊN=HỆ SỐ@NGÀY, ví dụ \"giãn cách=0.6@3\"."),
            &format!("--scenario {text}: write NAME=FACTOR or NAME=FACTOR@DAY, such as \"distancing=0.6@3\"."),
        ));
    };
    Ok((name, (1..=days).map(|day| if day >= from { factor } else { 1.0 }).collect()))
}

fn project(command: &Project, out: &mut dyn Write, aside: &mut dyn Write) -> anyhow::Result<()> {
    let counts = command.counts.read(aside)?;
    let incidence = command.counts.incidence(&counts)?;
    let fault = |fault: Fault| counts.fault(&fault);
    let days = incidence.days();
    let interval = command.interval.of(days.max(2))?;
    let belief = match command.r {
        Some(mean) => projection::Belief { mean, sd: command.r_sd },
        None => {
            let window = sliding_windows(days, command.windows.window).map_err(fault)?.pop();
            let mut cori = Cori::new(command.windows.prior()).map_err(fault)?;
            let estimates = cori.estimate(&incidence, &interval, window.as_slice()).map_err(fault)?;
            match estimates.first().and_then(|estimate| estimate.r) {
                Some(r) => projection::Belief { mean: r.mean, sd: r.sd },
                None => bail!(both(
                    "Chuỗi số liệu quá ngắn để ước tính R. Bổ sung ngày, hoặc ghi --r.",
                    "The series is too short to estimate R from. Add days, or give --r.",
                )),
            }
        }
    };
    let cases = command.counts.all(&counts)?.counts;
    let scenarios = command.scenario.iter().map(|text| scenario(text, command.days.min(100_000)));
    let scenarios = scenarios.collect::<anyhow::Result<Vec<_>>>()?;
    let mut projections = Vec::with_capacity(scenarios.len());
    for (name, factors) in scenarios {
        let scenario = projection::Scenario { factors, imported: command.imported, dispersion: command.k };
        let projected = projection::project(&cases, &interval, belief, &scenario, command.simulations, command.seed);
        projections.push((name, projected.map_err(fault)?));
    }
    let columns = [
        "scenario",
        "t",
        "date",
        "mean",
        "sd",
        "q025",
        "q25",
        "median",
        "q75",
        "q975",
        "total_mean",
        "total_q025",
        "total_median",
        "total_q975",
    ];
    let mut sheet = Sheet::begin(out, &columns)?;
    for (name, projected) in projections {
        for (day, (new, total)) in projected.cases.iter().zip(&projected.total).enumerate() {
            let at = days + day;
            let mut row = vec![name.clone(), (at + 1).to_string(), counts.date(at)];
            let [q025, _, q25, median, q75, _, q975] = new.quantiles;
            row.extend([new.mean, new.sd, q025, q25, median, q75, q975].map(figure));
            row.extend([total.mean, total.q025(), total.median(), total.q975()].map(figure));
            sheet.row(&row)?;
        }
    }
    sheet.end()
}

fn pool(command: &PoolOf, out: &mut dyn Write) -> anyhow::Result<()> {
    let table = if command.prevalence.is_empty() { Some(Table::read(command.file.as_deref())?) } else { None };
    let prevalences: Vec<f64> = match &table {
        None => command.prevalence.clone(),
        Some(table) => {
            let column = table.needed(None, &["prevalence", "p", "tỷ lệ"])?;
            table.rows().iter().map(|row| table.value(row, column)).collect::<anyhow::Result<_>>()?
        }
    };
    let assay = pooling::Assay {
        sensitivity: command.sensitivity,
        specificity: command.specificity,
        dilution: command.dilution,
    };
    let mut rows = Vec::new();
    for (at, prevalence) in prevalences.iter().enumerate() {
        let fault = |fault: Fault| match &table {
            None => said(&fault),
            Some(table) => table.wrong(&table.rows()[at], &fault.vi(), &fault.en()),
        };
        let pools = if command.size.is_empty() {
            vec![pooling::best(*prevalence, command.size_max, command.sensitivity_min, &assay).map_err(fault)?]
        } else {
            let pools = command.size.iter().map(|size| pooling::pool(*prevalence, *size, &assay));
            pools.collect::<Result<_, _>>().map_err(fault)?
        };
        for pool in pools {
            let mut row = vec![figure(*prevalence), pool.size.to_string()];
            row.extend([pool.tests, pool.sensitivity, pool.specificity].map(figure));
            if let Some(people) = command.people {
                let missed = people as f64 * prevalence * (1.0 - pool.sensitivity);
                row.extend([people.to_string(), figure(people as f64 * pool.tests), figure(missed)]);
            }
            rows.push(row);
        }
    }
    let mut columns = vec!["prevalence", "pool_size", "tests_per_person", "sensitivity", "specificity"];
    if command.people.is_some() {
        columns.extend(["people", "tests", "missed"]);
    }
    let mut sheet = Sheet::begin(out, &columns)?;
    rows.iter().try_for_each(|row| sheet.row(row))?;
    sheet.end()
}

fn need(command: &DemandOf, out: &mut dyn Write, aside: &mut dyn Write) -> anyhow::Result<()> {
    let counts = command.counts.read(aside)?;
    let cases = command.counts.all(&counts)?.counts;
    let parameters = demand::Parameters {
        severe: command.severe,
        critical: command.critical,
        severe_stay: command.severe_stay,
        critical_stay: command.critical_stay,
        severe_flow: command.severe_flow,
        critical_flow: command.critical_flow,
        ventilated: command.ventilated,
        delay: command.delay,
        cylinder: command.cylinder,
    };
    let demands = demand::demand(&cases, &parameters).map_err(|fault| counts.fault(&fault))?;
    let columns = ["t", "date", "severe", "critical", "ventilators", "oxygen_l_min", "oxygen_m3_day", "cylinders_day"];
    let mut sheet = Sheet::begin(out, &columns)?;
    for (at, day) in demands.iter().enumerate() {
        let mut row = vec![(at + 1).to_string(), counts.date(at)];
        row.extend(
            [day.severe, day.critical, day.ventilators, day.oxygen, day.oxygen_a_day, day.cylinders].map(figure),
        );
        sheet.row(&row)?;
    }
    sheet.end()
}

fn cluster(command: &Cluster, out: &mut dyn Write) -> anyhow::Result<()> {
    if let (Some(r), Some(k)) = (command.r, command.k) {
        let (sizes, larger) = clusters::sizes(r, k, command.size_max).map_err(|fault| said(&fault))?;
        let mut at_least: Vec<f64> = sizes
            .iter()
            .rev()
            .scan(larger, |sum, probability| {
                *sum += probability;
                Some(*sum)
            })
            .collect();
        at_least.reverse();
        let mut sheet = Sheet::begin(out, &["size", "probability", "at_least"])?;
        for (at, (probability, at_least)) in sizes.iter().zip(at_least).enumerate() {
            sheet.row(&[(at + 1).to_string(), figure(*probability), figure(at_least)])?;
        }
        return sheet.end();
    }
    let table = Table::read(command.file.as_deref())?;
    let sizes = table.column(&["size", "cluster_size"]);
    let column = match sizes {
        Some(column) => column,
        None => table.needed(None, &["offspring", "infected", "size"])?,
    };
    let times = table.column(&["count", "n", "times"]);
    const VALUES_MAX: usize = 10_000_000;
    let (mut values, mut lines) = (Vec::new(), Vec::new());
    for row in table.rows() {
        let value = table.value(row, column)?;
        let times = times.map_or(Ok(1.0), |column| table.value(row, column))?;
        if !(0.0..=VALUES_MAX as f64).contains(&times) || times.fract() != 0.0 || values.len() > VALUES_MAX {
            return Err(table.wrong(
                row,
                &format!("số lần {times} không hợp lệ. Ghi số nguyên từ 0."),
                &format!("the count {times} is not a whole number from 0."),
            ));
        }
        values.resize(values.len() + times as usize, value);
        lines.resize(values.len(), row.line);
    }
    let offspring = if sizes.is_some() { clusters::from_clusters(&values) } else { clusters::from_offspring(&values) };
    let offspring = offspring.map_err(|fault| table.fault(&fault, |at| lines.get(at).copied()))?;
    let silent = if offspring.k.is_finite() {
        clusters::infecting_nobody(offspring.r, offspring.k).map_err(|fault| said(&fault))?
    } else {
        (-offspring.r).exp()
    };
    let mut sheet = Sheet::begin(out, &["r", "k", "k_q025", "k_q975", "log_likelihood", "infecting_nobody"])?;
    let row = [offspring.r, offspring.k, offspring.k_low, offspring.k_high, offspring.likelihood, silent];
    sheet.row(&row.map(figure))?;
    sheet.end()
}
