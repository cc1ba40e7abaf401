/*
 * xmlsec-form DOCUMENT CERTIFICATE.pem...: verifies every Signature of a document by libxmlsec1, each by one of the certificates in
 * order, and prints OK or FAIL for each. Files beside the document are read from the working directory. The one help it gives: each
 * attribute ID, Id and id is registered as an ID in its own and in its percent-encoded spelling, since the library decodes no URI.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/valid.h>
#include <xmlsec/crypto.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

static void encode(const unsigned char *from, char *to, size_t room) {
  size_t at = 0;
  for (; *from != 0 && at + 4 < room; from++) {
    if (isalnum(*from) || strchr("-_.!~*'()", *from) != NULL) to[at++] = (char)*from;
    else at += (size_t)snprintf(to + at, room - at, "%%%02X", *from);
  }
  to[at] = 0;
}

static void register_ids(xmlDocPtr document, xmlNodePtr node) {
  static const char *names[] = {"ID", "Id", "id"};
  for (; node != NULL; node = node->next) {
    if (node->type != XML_ELEMENT_NODE) continue;
    for (int index = 0; index < 3; index++) {
      xmlAttrPtr attribute = xmlHasProp(node, BAD_CAST names[index]);
      if (attribute == NULL) continue;
      xmlChar *value = xmlNodeListGetString(document, attribute->children, 1);
      char encoded[4096];
      encode(value, encoded, sizeof encoded);
      xmlAddID(NULL, document, value, attribute);
      if (strcmp((const char *)value, encoded) != 0) xmlAddID(NULL, document, BAD_CAST encoded, attribute);
      xmlFree(value);
    }
    register_ids(document, node->children);
  }
}

static int verified(xmlNodePtr signature, const char *certificate) {
  xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);
  context->signKey = xmlSecCryptoAppKeyLoad(certificate, xmlSecKeyDataFormatCertPem, NULL, NULL, NULL);
  int right = context->signKey != NULL && xmlSecDSigCtxVerify(context, signature) == 0 &&
              context->status == xmlSecDSigStatusSucceeded;
  xmlSecDSigCtxDestroy(context);
  return right;
}

static int each_signature(xmlNodePtr node, char **certificates, int count, int *seen) {
  int wrong = 0;
  for (; node != NULL; node = node->next) {
    if (node->type != XML_ELEMENT_NODE) continue;
    if (xmlSecCheckNodeName(node, xmlSecNodeSignature, xmlSecDSigNs)) {
      int right = *seen < count && verified(node, certificates[*seen]);
      *seen += 1;
      puts(right ? "OK" : "FAIL");
      wrong += !right;
    } else wrong += each_signature(node->children, certificates, count, seen);
  }
  return wrong;
}

int main(int argc, char **argv) {
  xmlInitParser();
  if (argc < 3 || xmlSecInit() < 0 || xmlSecCryptoAppInit(NULL) < 0 || xmlSecCryptoInit() < 0) return 2;
  xmlDocPtr document = xmlReadFile(argv[1], NULL, XML_PARSE_NONET);
  if (document == NULL) return 2;
  register_ids(document, xmlDocGetRootElement(document));
  int seen = 0;
  int wrong = each_signature(xmlDocGetRootElement(document), argv + 2, argc - 2, &seen);
  return seen == argc - 2 && wrong == 0 ? 0 : 1;
}
