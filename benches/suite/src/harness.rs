//! Measuring: contenders take turns in rotating order, and each round's ratios to the first are paired.

use std::error::Error;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;

const ROUNDS: usize = 31;
const WARM_UP: usize = 3;
const SAMPLE: Duration = Duration::from_millis(5);

/// One way to do the work.
pub struct Contender {
    /// Its name in the table.
    pub name: &'static str,
    /// Does the work so many times.
    pub run: Box<dyn FnMut(usize)>,
    /// Undoes what the work leaves behind, outside of the time.
    pub reset: Box<dyn FnMut()>,
}

impl Contender {
    /// One that leaves nothing behind.
    pub fn reader(name: &'static str, run: impl FnMut(usize) + 'static) -> Contender {
        Contender { name, run: Box::new(run), reset: Box::new(|| ()) }
    }

    fn sample(&mut self, times: usize) -> Sample {
        let (wall, cpu) = (Instant::now(), ProcessTime::now());
        (self.run)(times);
        let sample = Sample { wall: wall.elapsed().as_secs_f64(), cpu: cpu.elapsed().as_secs_f64() };
        (self.reset)();
        sample
    }
}

#[derive(Clone, Copy)]
struct Sample {
    wall: f64,
    cpu: f64,
}

/// The cases whose names hold each of these words.
pub struct Suite {
    words: Vec<String>,
}

impl Suite {
    /// Prints the head of the table.
    pub fn new(words: Vec<String>) -> Suite {
        println!("{:<24}{:<12}{:>12}{:>8}{:>8}{:>8}", "", "", "us", "wall", "min", "cpu");
        Suite { words }
    }

    /// Makes and measures a case if it was asked for.
    ///
    /// Prints for each contender the median of its wall time, then its ratios to the limit: the median of wall time, of
    /// the least wall times, and the median of the CPU time of this process.
    pub fn case(
        &self,
        case: &str,
        make: impl FnOnce() -> Result<Vec<Contender>, Box<dyn Error>>,
    ) -> Result<(), Box<dyn Error>> {
        if self.words.iter().all(|word| case.contains(word)) {
            self.measure(case, make()?);
        }
        Ok(())
    }

    fn measure(&self, case: &str, mut contenders: Vec<Contender>) {
        let times = calibrate(&mut contenders[0]);
        let mut samples = vec![Vec::with_capacity(ROUNDS); contenders.len()];
        for round in 0..WARM_UP + ROUNDS {
            for turn in 0..contenders.len() {
                let one = (round + turn) % contenders.len();
                let sample = contenders[one].sample(times);
                if round >= WARM_UP {
                    samples[one].push(sample);
                }
            }
        }
        let least = |samples: &[Sample]| samples.iter().map(|sample| sample.wall).fold(f64::MAX, f64::min);
        let limit = &samples[0];
        for (contender, samples) in contenders.iter().zip(&samples) {
            let ratios = |of: fn(&Sample) -> f64| {
                median(samples.iter().zip(limit).map(|(own, limit)| of(own) / of(limit)).collect())
            };
            let absolute = median(samples.iter().map(|sample| sample.wall).collect()) * 1e6 / times as f64;
            let (wall, cpu) = (ratios(|sample| sample.wall), ratios(|sample| sample.cpu));
            let min = least(samples) / least(limit);
            println!("{case:<24}{:<12}{absolute:>12.1}{wall:>8.2}{min:>8.2}{cpu:>8.2}", contender.name);
        }
    }
}

/// How often the limit does its work in the time of a sample.
fn calibrate(limit: &mut Contender) -> usize {
    let mut times = 1;
    loop {
        let wall = limit.sample(times).wall;
        if wall >= SAMPLE.as_secs_f64() / 2.0 {
            let fit = SAMPLE.as_secs_f64() / wall * times as f64;
            return (fit as usize).max(1);
        }
        times *= 2;
    }
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or(f64::NAN)
}
