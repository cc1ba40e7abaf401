import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import javax.xml.crypto.KeySelector;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;

/** XmlDsigVerify KEY.pem: reads lines "COUNT FILE" and answers with the processor seconds of its thread for COUNT verifications. */
public final class XmlDsigVerify {
  public static void main(String[] arguments) throws Exception {
    String pem = Files.readString(Path.of(arguments[0]));
    byte[] spki = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
    PublicKey key = KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(spki));
    System.out.println("javax.xml.crypto of JDK " + System.getProperty("java.version"));
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.split(" ", 2);
      byte[] content = Files.readAllBytes(Path.of(words[1]));
      int count = Integer.parseInt(words[0]);
      long begin = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      for (int n = 0; n < count; n++) {
        if (!verify(content, key)) throw new IllegalStateException("does not verify");
      }
      long end = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      System.out.println((end - begin) / 1e9);
    }
  }

  private static boolean verify(byte[] content, PublicKey key) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    Document document = factory.newDocumentBuilder().parse(new ByteArrayInputStream(content));
    DOMValidateContext context = new DOMValidateContext(
        KeySelector.singletonKeySelector(key),
        document.getElementsByTagNameNS(XMLSignature.XMLNS, "Signature").item(0));
    return XMLSignatureFactory.getInstance("DOM").unmarshalXMLSignature(context).validate(context);
  }
}
