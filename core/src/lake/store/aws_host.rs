//! Hosts of AWS's S3: what they name.

/// The bucket and the region that a host of AWS's S3 names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AwsHost<'a> {
    pub bucket: Option<&'a str>,
    pub region: Option<&'a str>,
}

impl<'a> AwsHost<'a> {
    /// `None` of another's host.
    pub fn parse(host: &'a str) -> Option<AwsHost<'a>> {
        let host = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
        // The last one is S3's own: a bucket may be called so, too.
        let mut own = None;
        let mut start = 0;
        for label in host.split('.') {
            if label == "s3" || label.starts_with("s3-") {
                own = Some((start, label));
            }
            start += label.len() + 1;
        }
        let (start, label) = own?;
        let bucket = host.get(..start.saturating_sub(1)).filter(|bucket| !bucket.is_empty());
        let behind = host.get(start + label.len()..).unwrap_or_default().split('.');
        // Before there was a label of its own, it was a part of S3's: s3-eu-west-1.
        let region = behind.chain(label.strip_prefix("s3-")).find(|label| is_region(label));
        Some(AwsHost { bucket, region })
    }
}

/// Such as `us-east-1`; what else a host may have is no region: `dualstack`, `fips`, `external-1`.
fn is_region(label: &str) -> bool {
    label.matches('-').count() >= 2 && label.ends_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_of_awss_names_a_bucket_and_a_region() {
        for (host, bucket, region) in [
            ("b.s3.eu-west-3.amazonaws.com", Some("b"), Some("eu-west-3")),
            ("b.s3-eu-west-3.amazonaws.com", Some("b"), Some("eu-west-3")),
            ("s3.eu-west-3.amazonaws.com", None, Some("eu-west-3")),
            ("s3-eu-west-3.amazonaws.com", None, Some("eu-west-3")),
            ("b.s3.dualstack.eu-west-3.amazonaws.com", Some("b"), Some("eu-west-3")),
            ("b.s3-fips.us-gov-west-1.amazonaws.com", Some("b"), Some("us-gov-west-1")),
            ("b.s3.cn-north-1.amazonaws.com.cn", Some("b"), Some("cn-north-1")),
            ("my.s3.logs.s3.eu-west-3.amazonaws.com", Some("my.s3.logs"), Some("eu-west-3")),
            ("b.s3.amazonaws.com", Some("b"), None),
            ("s3-external-1.amazonaws.com", None, None),
        ] {
            assert_eq!(AwsHost::parse(host), Some(AwsHost { bucket, region }), "{host}");
        }
        for other in ["b.s3.eu-west-3.example", "sts.amazonaws.com", "amazonaws.com", ""] {
            assert_eq!(AwsHost::parse(other), None, "{other}");
        }
    }
}
