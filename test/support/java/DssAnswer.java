import eu.europa.esig.dss.enumerations.TokenExtractionStrategy;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.policy.EtsiValidationPolicyFactory;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.spi.x509.revocation.ocsp.ExternalResourcesOCSPSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.policy.ValidationPolicyLoader;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;

/**
 * Asks EU DSS about the document of each line of standard input, offline: {@code DOCUMENT INSTANT POLICY
 * (trust|crl|ocsp)=FILE...}, separated by spaces. POLICY is {@code default} (DSS's own) or {@code
 * no-signed-properties} (the same, but for its demand of signed XAdES properties). Prints facts, one a line and NAME=VALUE, then a line {@code end}.
 */
public final class DssAnswer {
  public static void main(String[] arguments) throws Exception {
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) answer(line.split(" "));
  }

  private static void answer(String[] words) throws Exception {
    var anchors = new CommonTrustedCertificateSource();
    List<DSSDocument> lists = new ArrayList<>();
    List<DSSDocument> answers = new ArrayList<>();
    for (int index = 3; index < words.length; index++) {
      String[] pair = words[index].split("=", 2);
      if (pair[0].equals("trust")) anchors.addCertificate(certificate(pair[1]));
      if (pair[0].equals("crl")) lists.add(new FileDocument(pair[1]));
      if (pair[0].equals("ocsp")) answers.add(new FileDocument(pair[1]));
    }
    var verifier = new CommonCertificateVerifier();
    verifier.setTrustedCertSources(anchors);
    verifier.setAIASource(null);
    if (!lists.isEmpty()) verifier.setCrlSource(new ExternalResourcesCRLSource(lists.toArray(new DSSDocument[0])));
    if (!answers.isEmpty())
      verifier.setOcspSource(new ExternalResourcesOCSPSource(answers.toArray(new DSSDocument[0])));
    var validator = SignedDocumentValidator.fromDocument(new FileDocument(words[0]));
    validator.setCertificateVerifier(verifier);
    validator.setTokenExtractionStrategy(TokenExtractionStrategy.NONE);
    validator.setValidationTime(Date.from(Instant.parse(words[1])));
    var reports = validator.validateDocument(
        ValidationPolicyLoader.fromValidationPolicy(
                new EtsiValidationPolicyFactory().loadValidationPolicy(new ByteArrayInputStream(policy(words[2]))))
            .create());
    var simple = reports.getSimpleReport();
    for (String id : simple.getSignatureIdList()) {
      say("indication", simple.getIndication(id));
      say("sub-indication", simple.getSubIndication(id));
      say("format", simple.getSignatureFormat(id));
      say("best-signature-time", simple.getBestSignatureTime(id).toInstant());
      for (var message : simple.getAdESValidationErrors(id)) say("error", message.getKey());
      for (var message : simple.getAdESValidationWarnings(id)) say("warning", message.getKey());
      say("signature-intact", reports.getDiagnosticData().getSignatureById(id).isSignatureIntact());
      for (var stamp : simple.getSignatureTimestamps(id))
        say("time-stamp-indication", stamp.getIndication() + "/" + stamp.getSubIndication());
    }
    for (var stamp : reports.getDiagnosticData().getTimestampList())
      say(
          "time-stamp",
          stamp.getType()
              + (stamp.isMessageImprintDataIntact() && stamp.isSignatureIntact() ? " intact" : " broken")
              + (stamp.isSignatureValid() ? " valid " : " invalid ")
              + stamp.getProductionTime().toInstant());
    for (var revocation : reports.getDiagnosticData().getAllRevocationData())
      say("revocation", revocation.getRevocationType() + " " + revocation.getOrigin());
    System.out.println("end");
  }

  private static CertificateToken certificate(String file) {
    return DSSUtils.loadCertificate(new File(file));
  }

  private static byte[] policy(String name) throws Exception {
    try (var stream = EtsiValidationPolicyFactory.class.getResourceAsStream("/policy/constraint.xml")) {
      String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      if (name.equals("default")) return text.getBytes(StandardCharsets.UTF_8);
      String changed = text;
      for (String demand : List.of("SigningTime", "MessageDigestOrSignedPropertiesPresent")) {
        String before = changed;
        changed = changed.replaceAll("<" + demand + " Level=\"FAIL\" ?/>", "");
        if (changed.equals(before)) throw new IllegalStateException("the default policy does not demand " + demand);
      }
      return changed.getBytes(StandardCharsets.UTF_8);
    }
  }

  private static void say(String name, Object value) {
    System.out.println(name + "=" + (value == null ? "" : value));
  }
}
