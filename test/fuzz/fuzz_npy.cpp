// .npy files: parse, write, parse. Once as they are, once with NaN replaced over another domain.
#include "core/io/file/npy.h"
#include "fuzz.h"

using namespace mq;
using namespace mq::fuzz;

static void run(Bytes file, const InputOptions &options)
{
    Error err{};
    NpyHeader header;
    if (!read_npy_header(file, &header, err))
        return require_error(err);
    Flat flat(header.format, header.shape);
    if (flat.data() == nullptr)
        return;
    if (!read_npy_pixels(file, header, options, flat.data(), err))
        return require_error(err);
    require_pixels(header.format, options.domain, header.shape, flat.data());

    std::vector<uint8_t> out(npy_size(header.format, header.shape));
    write_npy(header.format, header.shape, flat.data(), out.data());
    NpyHeader again;
    Bytes written{out.data(), out.size()};
    Flat back(header.format, header.shape);
    require(read_npy_header(written, &again, err), "written header is refused:", err.message);
    require(again.format == header.format && again.shape == header.shape, "header changed");
    require(read_npy_pixels(written, again, options, back.data(), err),
            "written pixels are refused:", err.message);
    require(back == flat, "pixels changed");
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    InputOptions options;
    run(Bytes{data, size}, options);
    options.domain = Domain{-1000, 60000};
    options.replace_nan = true;
    options.nan_value = -0.5;
    run(Bytes{data, size}, options);
    return 0;
}
