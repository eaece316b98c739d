! Fields that are too narrow, and scale factors that do not fit.
program p
  call narrow
  call scaled
  call many
end program
subroutine narrow
      real x
      x=0
      y=1/x
      write(*,'(f0.0,1x,f0.2,1x,g0,1x,e0.3,1x,es0.2)') y,-y,y,1.5,1.5
      write(*,'(g10.3,g2.1,g3.1,g5.2)') y,y,y,y
      write(*,'(g1.5,g4.5,g8.3,g9.3,g10.3)') -10.,-10.,-10.,-10.,-10.
      write(*,'(e1.1,e5.1,e7.1,e8.1)') -10.,-10.,-10.,-10.
      write(*,'(f1.0,f2.0,f2.1,f3.1)') -1.,-1.,-0.1,-0.1
      write(*,'(i1,i2)') -1,-1
      write(*,'(en5.1,es6.1,en8.0)') 1.,1.,12345.
      write(*,'(g0.3,1x,g0.5)') 1234.5,0.001
end subroutine
subroutine scaled
      character*40 m
      write(*,'(e10.0)',iostat=ios,iomsg=m) 1.5
      print *, ios,m
      write(*,'(2pe10.0)',iostat=ios,iomsg=m) 1.5
      print *, ios,m
      write(*,'(5pe10.2)',iostat=ios,iomsg=m) 1.5
      print *, ios,m
      write(*,'(-2pe10.2)',iostat=ios,iomsg=m) 1.5
      print *, ios,m
      write(*,'(1pe10.0)',iostat=ios,iomsg=m) 1.5
      print *, ios,m
      write(*,'(g10.0)',iostat=ios,iomsg=m) 1.5
      print *, ios
      write(*,'(d10.0)',iostat=ios,iomsg=m) 1.5
      print *, ios,m
      write(*,'(es10.0)',iostat=ios,iomsg=m) 1.5
      print *, ios
      write(*,'(en10.0)',iostat=ios,iomsg=m) 1.5
      print *, ios
end subroutine
subroutine many
      real x
      double precision d
      x=1.5
      print '(1p,e10.1)', 1.5
      print '(a)', 'it''s'
      print '(''q'',1x,"w")'
      print '(5habcde)'
      print '(i4/i4//i4)', 1,2,3
      print '(i4)', 1,2,3
      print '(i4,2(i3,i2))', 1,2,3,4,5,6,7,8,9
      print '(f10.3)', (1.5,2.5)
      print '(2(1x,f5.1),1x,i2)', (1.5,2.5), 3
      d=123.456789d0
      print '(f12.6,e15.7,g15.7,d12.4)', d,d,d,d
      print '(f0.0,1x,f0.1,1x,f0.3)', 0.5,0.04,-0.0004
      print '(f5.0,f5.0,f5.0,f5.0)', 0.5,1.5,2.5,-0.5
      print '(f4.1,f4.1,f4.1)', 0.25,0.35,-0.05
      print '(es10.3,en10.3)', 9.9996,999.9996
      print '(e10.3,e10.3)', 0.99996,9.9996e-5
      print '(g10.3,g10.3,g10.3)', 0.99996,999.5,0.09996
      print '(3pe12.4,-1pe12.4,2pf8.3)', 1.2345,1.2345,1.2345
      print '(i2,i2)', -10,100
      print '(l1,l3)', .true.,.false.
      print '(a1,a5,a)', 'xyz','xyz','xyz'
      print '(g10.2,g5.2,g3.1)', 'abc',.true.,5
      print '(e12.4e2,e12.4e3,e12.4e4)', 1.d-10,1.d100,1.d5
      print '(e10.4)', 1.d-110
      print '(d10.3,1x,e9.3)', 1.d110, -1.d-120
end subroutine
