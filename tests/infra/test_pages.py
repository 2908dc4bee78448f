"""The dashboard as the template shows it: a private bucket behind CloudFront, for those who may see it, under a policy
that lets the built pages work and nothing else. Nothing here talks to AWS.
"""

import re
import unittest
from pathlib import Path

from test_template import allowed, attribute, of_type, properties, resources, source, statements

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["index.html", "graphiql.html"]
GUIDE = ROOT / "docs/operations.md"


def directives(policy):
    """The sources that a content security policy lets a page load from, by kind."""
    return {name: set(sources) for name, *sources in (directive.split() for directive in policy.split(";"))}


def sent():
    """The policy that CloudFront sends."""
    headers = properties("PagesHeaders")["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    return directives(headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"])


class Buckets(unittest.TestCase):
    """Every bucket is closed, encrypted, versioned, logged, and wants TLS 1.2."""

    def test_nobody_reads_them_from_outside(self):
        for name, bucket in of_type("AWS::S3::Bucket").items():
            with self.subTest(bucket=name):
                self.assertEqual({True}, set(bucket["PublicAccessBlockConfiguration"].values()))
                self.assertEqual(4, len(bucket["PublicAccessBlockConfiguration"]))
                self.assertEqual([{"ObjectOwnership": "BucketOwnerEnforced"}], bucket["OwnershipControls"]["Rules"])
                self.assertEqual("Enabled", bucket["VersioningConfiguration"]["Status"])
                self.assertIn("BucketEncryption", bucket)

    def test_they_refuse_http_and_old_tls(self):
        denied = {}
        for policy in of_type("AWS::S3::BucketPolicy").values():
            for statement in statements(policy):
                if statement["Effect"] == "Deny":
                    self.assertEqual(("*", "s3:*"), (statement["Principal"], statement["Action"]))
                    denied.setdefault(policy["Bucket"]["Ref"], []).append(statement["Condition"])
        refused = [{"Bool": {"aws:SecureTransport": "false"}}, {"NumericLessThan": {"s3:TlsVersion": "1.2"}}]
        self.assertEqual(dict.fromkeys(of_type("AWS::S3::Bucket"), refused), denied)

    def test_their_logs_get_in(self):
        granted = {}
        for name, statement in allowed():
            if name == "AccessLogBucketPolicy":
                granted[statement["Resource"]["Fn::Sub"]] = statement["Condition"]["ArnLike"]["aws:SourceArn"]
        visits = "${AccessLogBucket.Arn}/AWSLogs/${AWS::AccountId}/CloudFront/*"  # CloudFront's own path for them
        self.assertEqual(attribute("PagesLogSource", "Arn"), granted.pop(visits))
        for name, bucket in of_type("AWS::S3::Bucket").items():
            if name != "AccessLogBucket":
                prefix = bucket["LoggingConfiguration"]["LogFilePrefix"]
                self.assertEqual(attribute(name, "Arn"), granted.pop(f"${{AccessLogBucket.Arn}}/{prefix}*"))
        self.assertEqual({}, granted)


class Pages(unittest.TestCase):
    """Who sees the pages, and what they may do."""

    def config(self):
        return properties("PagesDistribution")["DistributionConfig"]

    def test_they_are_a_choice(self):
        self.assertEqual("", source()["Parameters"]["PagesAddresses"]["Default"])
        chosen = {name for name in resources() if name.startswith("Pages")}
        self.assertGreater(len(chosen), 8)
        self.assertEqual({"HasPages"}, {resources()[name].get("Condition") for name in chosen})
        outputs = {name: output for name, output in source()["Outputs"].items() if name.startswith("Pages")}
        self.assertEqual({"HasPages"}, {output.get("Condition") for output in outputs.values()})

    def test_the_distribution_alone_reads_the_bucket(self):
        (statement,) = [statement for name, statement in allowed() if name == "PagesBucketPolicy"]
        self.assertEqual({"Service": "cloudfront.amazonaws.com"}, statement["Principal"])
        self.assertEqual("s3:GetObject", statement["Action"])
        self.assertEqual({"Fn::Sub": "${PagesBucket.Arn}/*"}, statement["Resource"])
        arn = statement["Condition"]["StringEquals"]["aws:SourceArn"]["Fn::Sub"]
        self.assertTrue(arn.endswith(":distribution/${PagesDistribution}"), arn)
        (origin,) = self.config()["Origins"]
        self.assertEqual(attribute("PagesBucket", "RegionalDomainName"), origin["DomainName"])
        self.assertEqual(attribute("PagesAccess", "Id"), origin["OriginAccessControlId"])
        access = properties("PagesAccess")["OriginAccessControlConfig"]
        self.assertEqual(("s3", "always"), (access["OriginAccessControlOriginType"], access["SigningBehavior"]))

    def test_visitors_read_by_tls(self):
        config, behavior = self.config(), self.config()["DefaultCacheBehavior"]
        self.assertEqual("redirect-to-https", behavior["ViewerProtocolPolicy"])
        self.assertEqual(["GET", "HEAD"], behavior["AllowedMethods"])
        self.assertEqual("TLSv1.2_2021", config["ViewerCertificate"]["MinimumProtocolVersion"])
        self.assertIn(config["DefaultRootObject"], PAGES)
        self.assertNotIn("CacheBehaviors", config)

    def test_only_visitors_get_past_the_firewall(self):
        self.assertEqual(attribute("PagesFirewall", "Arn"), self.config()["WebACLId"])
        self.assertFalse(self.config()["IPV6Enabled"], "visitors are known by IPv4 addresses")
        firewall = properties("PagesFirewall")
        self.assertEqual(("CLOUDFRONT", {"Block": {}}), (firewall["Scope"], firewall["DefaultAction"]))
        (allowing,) = [rule for rule in firewall["Rules"] if rule.get("Action") == {"Allow": {}}]
        self.assertEqual({"IPSetReferenceStatement": {"Arn": attribute("PagesVisitors", "Arn")}}, allowing["Statement"])
        self.assertEqual({"Fn::Split": [",", {"Ref": "PagesAddresses"}]}, properties("PagesVisitors")["Addresses"])

    def test_what_is_a_list_of_networks(self):
        pattern = source()["Parameters"]["PagesAddresses"]["AllowedPattern"]
        for given in ("", "203.0.113.0/24", "203.0.113.7/32,198.51.100.0/24", "0.0.0.0/1,128.0.0.0/1"):
            self.assertRegex(given, pattern)
        for given in ("203.0.113.7", "0.0.0.0/0", "203.0.113.0/33", "203.0.113.0/24,", "2001:db8::/32"):
            self.assertNotRegex(given, pattern)

    def test_headers_come_with_every_file(self):
        self.assertEqual({"Ref": "PagesHeaders"}, self.config()["DefaultCacheBehavior"]["ResponseHeadersPolicyId"])
        headers = properties("PagesHeaders")["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
        self.assertEqual({True}, {header["Override"] for header in headers.values()})
        self.assertGreaterEqual(headers["StrictTransportSecurity"]["AccessControlMaxAgeSec"], 31536000)
        self.assertEqual("DENY", headers["FrameOptions"]["FrameOption"])
        self.assertIn("ContentTypeOptions", headers)

    def test_the_policy_lets_them_ask_the_api_and_nobody_else(self):
        policy = sent()
        self.assertEqual({"'self'", "${Api.GraphQLUrl}"}, policy["connect-src"])
        self.assertEqual({"'none'"}, policy["frame-ancestors"])
        self.assertEqual({"'self'"}, policy["script-src"])
        others = set().union(*policy.values()) - {"${Api.GraphQLUrl}"}
        self.assertEqual({"'none'", "'self'", "'unsafe-inline'", "data:"}, others)

    def test_the_policy_has_what_the_pages_own_ones_have(self):
        for page in PAGES:
            text = (ROOT / "dashboard" / page).read_text()
            own = directives(re.search(r'Content-Security-Policy"\s+content="([^"]+)"', text)[1])
            for kind, sources in own.items():
                with self.subTest(page=page, kind=kind):
                    # A page may ask any https address; of a stack's pages that is the stack's API.
                    self.assertLessEqual(sources - {"https:"}, sent()[kind])


class Guide(unittest.TestCase):
    """What the guide says is there."""

    def test_outputs_and_parameters_exist(self):
        text = GUIDE.read_text()
        asked = set(re.findall(r"OutputKey=='(\w+)'", text))
        self.assertLessEqual({"LakeBucketName", "PagesBucketName"}, asked)
        self.assertLessEqual(asked, set(source()["Outputs"]))
        for given in re.findall(r"--parameter-overrides (.+)", text):
            self.assertLessEqual(set(re.findall(r"\b([A-Z]\w+)=", given)), set(source()["Parameters"]))


if __name__ == "__main__":
    unittest.main()
