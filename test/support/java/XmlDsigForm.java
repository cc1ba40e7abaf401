import java.io.ByteArrayInputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.xml.crypto.Data;
import javax.xml.crypto.OctetStreamData;
import javax.xml.crypto.URIDereferencer;
import javax.xml.crypto.URIReference;
import javax.xml.crypto.XMLCryptoContext;
import javax.xml.crypto.dom.DOMURIReference;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Attr;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * XmlDsigForm DOCUMENT CERTIFICATE-DER...: verifies every Signature by the JDK's javax.xml.crypto, each by one of the certificates in
 * order, and prints OK or FAIL for each. The one help it gives is a dereferencer that percent-decodes URIs, since the JDK does not, and
 * reads files beside the document.
 */
public final class XmlDsigForm {
  public static void main(String[] arguments) throws Exception {
    Path path = Path.of(arguments[0]);
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    var document = factory.newDocumentBuilder().parse(new ByteArrayInputStream(Files.readAllBytes(path)));
    NodeList found = document.getElementsByTagNameNS(XMLSignature.XMLNS, "Signature");
    boolean all = found.getLength() == arguments.length - 1;
    for (int index = 0; index < found.getLength(); index++) {
      String answer = "FAIL";
      try {
        if (index + 1 < arguments.length && verified((Element) found.item(index), arguments[index + 1], path.getParent()))
          answer = "OK";
      } catch (Exception exception) {
        System.err.println(exception);
      }
      all = all && answer.equals("OK");
      System.out.println(answer);
    }
    System.exit(all ? 0 : 1);
  }

  private static boolean verified(Element signature, String certificate, Path folder) throws Exception {
    XMLSignatureFactory factory = XMLSignatureFactory.getInstance("DOM");
    var read = CertificateFactory.getInstance("X.509")
        .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(Path.of(certificate))));
    var context = new DOMValidateContext(((X509Certificate) read).getPublicKey(), signature);
    context.setProperty("org.jcp.xml.dsig.secureValidation", Boolean.FALSE);
    registerIds(signature.getOwnerDocument().getDocumentElement(), context);
    URIDereferencer stock = factory.getURIDereferencer();
    context.setURIDereferencer((reference, crypto) -> dereferenced(reference, crypto, stock, folder));
    return factory.unmarshalXMLSignature(context).validate(context);
  }

  private static Data dereferenced(URIReference reference, XMLCryptoContext crypto, URIDereferencer stock, Path folder)
      throws javax.xml.crypto.URIReferenceException {
    String uri = reference.getURI();
    if (uri == null || uri.isEmpty()) return stock.dereference(reference, crypto);
    String decoded = URLDecoder.decode(uri.replace("+", "%2B"), StandardCharsets.UTF_8);
    if (!uri.startsWith("#")) {
      try {
        return new OctetStreamData(new ByteArrayInputStream(Files.readAllBytes(folder.resolve(decoded))));
      } catch (java.io.IOException exception) {
        throw new javax.xml.crypto.URIReferenceException(exception);
      }
    }
    Attr here = (Attr) ((DOMURIReference) reference).getHere();
    here.setValue(decoded);
    try {
      return stock.dereference(new Decoded(decoded, reference.getType(), here), crypto);
    } finally {
      here.setValue(uri);
    }
  }

  private record Decoded(String uri, String type, Attr here) implements DOMURIReference {
    public String getURI() {
      return uri;
    }

    public String getType() {
      return type;
    }

    public org.w3c.dom.Node getHere() {
      return here;
    }
  }

  private static void registerIds(Element element, DOMValidateContext context) {
    for (String name : new String[] {"ID", "Id", "id"})
      if (element.hasAttributeNS(null, name)) context.setIdAttributeNS(element, null, name);
    NodeList children = element.getChildNodes();
    for (int index = 0; index < children.getLength(); index++)
      if (children.item(index) instanceof Element child) registerIds(child, context);
  }
}
