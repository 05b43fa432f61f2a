# SPDX-License-Identifier: MIT
# formula.rb FORMULA PREFIX VERSION: runs a formula's test block, without Homebrew, on what is installed in PREFIX. The
# words of Homebrew that the formula uses mean here what they mean there.
require "pathname"
require "socket"
require "tmpdir"

$prefix = Pathname.new(ARGV[1])
$version = ARGV[2]


class Formula
  class << self
    attr_reader :test_block

    %i[desc homepage url sha256 license depends_on uses_from_macos].each do |word|
      define_method(word) { |*| nil }
    end

    def on_linux
      yield
    end

    def test(&block)
      @test_block = block
    end
  end

  def version
    $version
  end

  def bin
    $prefix/"bin"
  end

  def man1
    $prefix/"share/man/man1"
  end

  def testpath
    Pathname.pwd
  end

  def free_port
    server = TCPServer.new("127.0.0.1", 0)
    server.addr[1]
  ensure
    server.close
  end

  def system(*words)
    Kernel.system(*words.map(&:to_s)) || raise("failed: #{words.join(" ")}")
  end

  def shell_output(command, expected = 0)
    output = `#{command}`
    raise "#{command}: exit #{$?.exitstatus}" if $?.exitstatus != expected

    output
  end

  def assert_equal(wanted, found)
    raise "#{found.inspect} is not #{wanted.inspect}" if wanted != found
  end

  def assert_match(pattern, text)
    found = pattern.is_a?(Regexp) ? text.match?(pattern) : text.include?(pattern)
    raise "no #{pattern.inspect} in #{text}" unless found
  end

  def assert_path_exists(path)
    raise "there is no #{path}" unless path.exist?
  end
end

load ARGV[0]
abort "the formula has no test" unless Toktape.test_block
Dir.mktmpdir do |folder|
  Dir.chdir(folder) { Toktape.new.instance_eval(&Toktape.test_block) }
end
