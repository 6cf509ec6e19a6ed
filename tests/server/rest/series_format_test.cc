#include "server/rest/series_format.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <set>

#include "auscult/v1/trend_service.pb.h"
#include "server/rest/contract.h"

namespace auscult::rest {
namespace {

TEST(HasSeries, FollowsFromTheDescriptors) {
  std::set<std::string> found;
  for (const auto* file : ServiceFiles()) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const auto& method = *file->service(s)->method(m);
        if (!method.server_streaming() && HasSeries(*method.output_type()))
          found.insert(method.name());
      }
    }
  }
  EXPECT_EQ(found, (std::set<std::string>{"QueryTrend", "GetSpectrum", "GetEnvelopeSpectrum",
                                          "GetWaterfall", "GetWaveform"}));
}

TEST(SeriesCsv, OfNothingIsNothing) {
  EXPECT_EQ(SeriesCsv(v1::QueryTrendResponse()), "");
  v1::QueryTrendResponse response;
  response.add_series()->set_name("empty");
  EXPECT_EQ(SeriesCsv(response), "");
}

TEST(SeriesCsv, StacksSeriesUnderOneHead) {
  v1::QueryTrendResponse response;
  v1::Series& first = *response.add_series();
  first.set_name("a,\"b\"");
  first.set_unit("mm/s");
  first.set_source("p");
  first.add_time_us(5);
  first.add_time_us(6);
  first.add_value(0.1f);
  first.add_value(std::nanf(""));
  v1::Series& second = *response.add_series();
  second.set_name("c");
  second.set_resolution(v1::RESOLUTION_HOURS);
  const int64_t time_us = 7;
  const float value = 2;
  second.set_time_octets(&time_us, sizeof(time_us));
  second.set_value_octets(&value, sizeof(value));
  second.set_min_octets(&value, sizeof(value));
  EXPECT_EQ(SeriesCsv(response),
            "name,unit,source,resolution,time_us,value,min\r\n"
            "\"a,\"\"b\"\"\",mm/s,p,RESOLUTION_UNSPECIFIED,5,0.1,\r\n"
            "\"a,\"\"b\"\"\",mm/s,p,RESOLUTION_UNSPECIFIED,6,,\r\n"
            "c,,,RESOLUTION_HOURS,7,2,2\r\n");
}

TEST(SeriesCsv, HasAnAxisAndSpreadsAMatrix) {
  v1::Spectrum spectrum;
  spectrum.set_unit("g");
  spectrum.set_start_hz(10);
  spectrum.set_step_hz(0.5);
  spectrum.add_values(1);
  spectrum.add_values(2);
  EXPECT_EQ(SeriesCsv(spectrum), "channel,unit,hz,values\r\n,g,10,1\r\n,g,10.5,2\r\n");
  v1::Waterfall waterfall;
  waterfall.set_step_hz(2);
  waterfall.add_time_us(1);
  waterfall.add_time_us(2);
  for (int i = 0; i < 6; ++i) waterfall.add_values(static_cast<float>(i));
  EXPECT_EQ(SeriesCsv(waterfall),
            "channel,unit,time_us,values@0,values@2,values@4\r\n,,1,0,1,2\r\n,,2,3,4,5\r\n");
}

TEST(SeriesOctets, AreTheColumnsOneAfterTheOther) {
  v1::QueryTrendResponse response;
  v1::Series& series = *response.add_series();
  series.add_time_us(5);
  series.add_value(0.5f);
  HttpResponse http;
  ASSERT_TRUE(SeriesOctets(response, http).ok());
  ASSERT_EQ(http.body.size(), 12u);
  float value = 0;
  std::memcpy(&value, http.body.data() + 8, sizeof(value));
  EXPECT_EQ(value, 0.5f);
  ASSERT_EQ(http.headers.size(), 1u);
  EXPECT_EQ(http.headers[0].second, "time_us;int64;1, value;float32;1");
  response.add_series()->add_value(1);
  EXPECT_FALSE(SeriesOctets(response, http).ok());
}

}  // namespace
}  // namespace auscult::rest
