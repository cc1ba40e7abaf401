import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.DigestMethod;
import javax.xml.crypto.dsig.Reference;
import javax.xml.crypto.dsig.SignedInfo;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.crypto.dsig.keyinfo.KeyInfo;
import javax.xml.crypto.dsig.keyinfo.KeyInfoFactory;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/**
 * The other side of the interoperability tests: XML Signature by the JDK's own javax.xml.crypto.
 *
 * Reads commands from standard input, one a line, tab-separated, and answers each with one line:
 *   verify CERTIFICATE-DER DOCUMENT             -> valid | invalid | error: ...
 *   sign   KEY-PKCS8 CERTIFICATE-DER DOCUMENT OUT URI METHOD -> signed | error: ...
 */
public final class XmlDsigPeer {
  private static final String ENVELOPED = Transform.ENVELOPED;
  private static final String C14N = CanonicalizationMethod.INCLUSIVE;

  public static void main(String[] arguments) throws Exception {
    var input = new java.io.BufferedReader(new java.io.InputStreamReader(System.in, "UTF-8"));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      String answer;
      try {
        answer = run(line.split("\t", -1));
      } catch (Exception exception) {
        answer = "error: " + String.valueOf(exception).replaceAll("\\s+", " ");
      }
      System.out.println(answer);
      System.out.flush();
    }
  }

  private static String run(String[] words) throws Exception {
    if (words[0].equals("verify")) return verify(certificate(words[1]), parse(words[2])) ? "valid" : "invalid";
    sign(privateKey(words[1]), certificate(words[2]), words[3], words[4], words[5], words[6]);
    return "signed";
  }

  private static boolean verify(X509Certificate certificate, Document document) throws Exception {
    NodeList found = document.getElementsByTagNameNS(XMLSignature.XMLNS, "Signature");
    if (found.getLength() != 1) throw new IllegalStateException(found.getLength() + " Signature elements");
    var context = new DOMValidateContext(certificate.getPublicKey(), found.item(0));
    context.setProperty("org.jcp.xml.dsig.secureValidation", Boolean.TRUE);
    registerIds(document, (element) -> context.setIdAttributeNS(element, null, "Id"));
    return XMLSignatureFactory.getInstance("DOM").unmarshalXMLSignature(context).validate(context);
  }

  private static void sign(PrivateKey key, X509Certificate certificate, String in, String out, String uri, String method)
      throws Exception {
    Document document = parse(in);
    XMLSignatureFactory factory = XMLSignatureFactory.getInstance("DOM");
    List<Transform> transforms = new ArrayList<>();
    if (uri.isEmpty()) transforms.add(factory.newTransform(ENVELOPED, (TransformParameterSpec) null));
    transforms.add(factory.newTransform(C14N, (TransformParameterSpec) null));
    Reference reference =
        factory.newReference(uri, factory.newDigestMethod(DigestMethod.SHA256, null), transforms, null, null);
    SignedInfo signedInfo =
        factory.newSignedInfo(
            factory.newCanonicalizationMethod(C14N, (C14NMethodParameterSpec) null),
            factory.newSignatureMethod(method, null),
            Collections.singletonList(reference));
    KeyInfoFactory keys = factory.getKeyInfoFactory();
    KeyInfo keyInfo =
        keys.newKeyInfo(Collections.singletonList(keys.newX509Data(Collections.singletonList(certificate))));
    var context = new DOMSignContext(key, document.getDocumentElement());
    registerIds(document, (element) -> context.setIdAttributeNS(element, null, "Id"));
    factory.newXMLSignature(signedInfo, keyInfo).sign(context);
    var octets = new ByteArrayOutputStream();
    TransformerFactory.newInstance().newTransformer().transform(new DOMSource(document), new StreamResult(octets));
    Files.write(Path.of(out), octets.toByteArray());
  }

  private static void registerIds(Document document, java.util.function.Consumer<Element> register) {
    NodeList children = document.getDocumentElement().getChildNodes();
    for (int index = 0; index < children.getLength(); index++) {
      Node child = children.item(index);
      if (child instanceof Element element && element.hasAttributeNS(null, "Id")) register.accept(element);
    }
  }

  private static Document parse(String path) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    return factory.newDocumentBuilder().parse(new ByteArrayInputStream(Files.readAllBytes(Path.of(path))));
  }

  private static X509Certificate certificate(String path) throws Exception {
    var octets = new ByteArrayInputStream(Files.readAllBytes(Path.of(path)));
    return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(octets);
  }

  private static PrivateKey privateKey(String path) throws Exception {
    String algorithm = path.contains("ec") ? "EC" : "RSA";
    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(Files.readAllBytes(Path.of(path))));
  }
}
