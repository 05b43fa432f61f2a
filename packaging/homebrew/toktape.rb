# SPDX-License-Identifier: MIT
# './dev release BASE-URL' puts in where the release archive will be, and its SHA-256.
class Toktape < Formula
  desc "Recorder of LLM engines: tokens, power, memory"
  homepage "@BASE@"
  url "@BASE@/@ARCHIVE@"
  sha256 "@SHA256@"
  license "MIT"

  depends_on "cmake" => :build
  depends_on "pkgconf" => :build
  depends_on "cjson"
  depends_on "libmicrohttpd"
  depends_on "xxhash"
  depends_on "zstd"

  uses_from_macos "curl"
  uses_from_macos "sqlite"
  uses_from_macos "sqlite"

  on_linux do
    depends_on "openssl@3"
  end

  def install
    system "cmake", "-S", ".", "-B", "build", "-DBUILD_TESTING=OFF", *std_cmake_args
    system "cmake", "--build", "build"
    system "cmake", "--install", "build"
  end

  def caveats
    "'toktape plot' draws with gnuplot: brew install gnuplot"
  end

  test do
    assert_equal "toktape #{version}\n", shell_output("#{bin}/toktape --version")
    assert_path_exists man1/"toktape-record.1"

    # A synthetic engine is recorded, and its trace read.
    port = free_port
    (testpath/"engine.json").write '{"name": "llama.cpp", "model": "Tiny-1B", "decode_tok_s": 2000}'
    engine = spawn "#{bin}/toktape", "serve", "engine.json", "--port", port.to_s, out: "url"
    begin
      50.times { File.size?("url") ? break : sleep(0.1) }
      system bin/"toktape", "record", "--url", "http://127.0.0.1:#{port}", "--skip-long", "--pause", "0", "-q",
             "-o", "run.toktape"
    ensure
      Process.kill "TERM", engine
      Process.wait engine
    end
    assert_match "intact", shell_output("#{bin}/toktape check run.toktape")
    assert_match(/warm +1/, shell_output("#{bin}/toktape report --view phases --format text run.toktape"))
  end
end
