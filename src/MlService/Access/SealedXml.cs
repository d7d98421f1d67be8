using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace MlService.Access;

/// <summary>Keeps the keys of the console's cookies under the master key, so that whoever reads the data directory cannot make a cookie.</summary>
public sealed class SealedXml(SecretSeal seal) : IXmlEncryptor, IXmlDecryptor
{
    private const string Purpose = "console cookies";

    /// <summary>Made by the framework, which finds it by its name in a stored key.</summary>
    public SealedXml(IServiceProvider services) : this(services.GetRequiredService<SecretSeal>()) { }

    /// <inheritdoc/>
    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        ArgumentNullException.ThrowIfNull(plaintextElement);
        var text = plaintextElement.ToString(SaveOptions.DisableFormatting);
        return new EncryptedXmlInfo(new XElement("sealed", Convert.ToBase64String(seal.Seal(Purpose, text))), typeof(SealedXml));
    }

    /// <inheritdoc/>
    public XElement Decrypt(XElement encryptedElement)
    {
        ArgumentNullException.ThrowIfNull(encryptedElement);
        return XElement.Parse(seal.Open(Purpose, Convert.FromBase64String(encryptedElement.Value)));
    }
}
